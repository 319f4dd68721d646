/**
 * Packs the compiled chaincode into one folder that `fabric-chaincode-node` can start: the rooms of
 * this repository are on no registry, so their code goes into one file, while Fabric's own packages
 * stay outside, as the process that loads the bundle must share them.
 *
 * The same source gives the same bytes; their sums stand beside the folder, in the form of
 * sha256sum, for organisations to hold against each other.
 *
 * Run after `tsc -b chaincode`: node chaincode/bundle.cjs [FOLDER]
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { buildSync } = require('esbuild');
const { nodeProgram } = require('../esbuild.base.cjs');
const manifest = require('./package.json');

const target = process.argv[2] ?? join(__dirname, 'dist', 'package');
const fabric = ['fabric-shim', 'fabric-contract-api'];

rmSync(target, { recursive: true, force: true });
// Indexes and collections would lie here; this chaincode needs neither.
mkdirSync(join(target, 'META-INF'), { recursive: true });
buildSync({
  ...nodeProgram,
  entryPoints: [join(__dirname, 'dist', 'main.js')],
  outfile: join(target, 'index.js'),
  external: [...fabric, 'fabric-shim/*'],
});
const description = {
  name: 'procurement',
  version: manifest.version,
  private: true,
  license: manifest.license,
  main: 'index.js',
  engines: manifest.engines,
  scripts: { start: 'fabric-chaincode-node start' },
  dependencies: Object.fromEntries(fabric.map((name) => [name, manifest.dependencies[name]])),
  // npm honours overrides of the root package only, and this folder is one when it is deployed.
  overrides: { 'class-transformer': '0.4.0' },
};
writeFileSync(join(target, 'package.json'), `${JSON.stringify(description, null, 2)}\n`);

const sums = ['index.js', 'package.json'].map((name) => {
  const sum = createHash('sha256').update(readFileSync(join(target, name)));
  return `${sum.digest('hex')}  ${name}\n`;
});
writeFileSync(`${target}.sha256`, sums.join(''));
