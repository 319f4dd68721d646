/**
 * Packs the client for a browser into one file, as `globalThis.procure`. What only Node has is
 * refused, with one exception: libsodium carries a branch for Node that no browser reaches.
 *
 * Run after `tsc -b client`: node client/bundle.cjs
 */
const { join } = require('node:path');
const { build } = require('esbuild');

const emptyForLibsodium = {
  name: 'empty-for-libsodium',
  setup(bundle) {
    bundle.onResolve({ filter: /^node:fs$/ }, ({ importer }) =>
      importer.includes('libsodium-sumo') ? { path: 'empty', namespace: 'empty' } : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents: '' }));
  },
};

/** @returns the packages and files that went in, as esbuild's metafile names them */
async function bundleClient() {
  const { metafile } = await build({
    entryPoints: [join(__dirname, 'dist', 'index.js')],
    outfile: join(__dirname, 'dist', 'browser', 'procure.js'),
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'procure',
    target: 'es2022',
    minify: true,
    metafile: true,
    logLevel: 'warning',
    plugins: [emptyForLibsodium],
  });
  return Object.keys(metafile.inputs);
}

module.exports = { bundleClient };
if (require.main === module) void bundleClient();
