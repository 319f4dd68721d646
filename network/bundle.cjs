/** Packs the network's program into one file. Run after `tsc -b network`: node network/bundle.cjs */
const { join } = require('node:path');
const { packProgram } = require('../esbuild.base.cjs');

packProgram({
  entry: join(__dirname, 'dist', 'embedded', 'src', 'main.js'),
  file: join(__dirname, 'dist', 'program', 'network.js'),
  external: ['classic-level'],
  // To name every closure when it is made costs 3 % of a transaction. The one class that a library
  // knows by its name, `Sequence` of asn1js, has it without help.
  keepNames: false,
});
