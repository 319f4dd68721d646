#!/usr/bin/env node
/* The `procure` command. Kept to syntax that any Node can read. */
'use strict';
var fs = require('fs');
var path = require('path');

var main = path.join(__dirname, '..', 'dist', 'cli', 'main.js');

if (!fs.existsSync(main)) {
  process.stderr.write(
    'procure: not built yet. Run "npm run build" in ' +
      path.resolve(__dirname, '..', '..') +
      ' first.\n',
  );
  process.exit(1);
}

require(main);
