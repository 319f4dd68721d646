/** Packs the supervisor of `npm start` into one file. Run after `tsc -b tools`: node tools/bundle.cjs */
const { join } = require('node:path');
const { packProgram } = require('../esbuild.base.cjs');

packProgram({
  entry: join(__dirname, 'dist', 'start', 'main.js'),
  file: join(__dirname, 'dist', 'program', 'start.js'),
  external: ['classic-level'],
});
