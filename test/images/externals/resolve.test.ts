import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { directory } from '../sample.ts';

/** What a Node with other conditions finds, and with another place for packages. */
async function resolveIn(root: string, specifier: string, kind: 'import' | 'require'): Promise<string | undefined> {
  const modules = join(import.meta.dirname, '../../../images/externals');
  const script = `
    import { ownerOf } from ${JSON.stringify(join(modules, 'keep-out.ts'))};
    import { Installed } from ${JSON.stringify(join(modules, 'manifest.ts'))};
    import { resolveEntry } from ${JSON.stringify(join(modules, 'resolve.ts'))};
    const [, root, specifier, kind] = process.argv;
    const installed = new Installed();
    const entry = resolveEntry(specifier, root, kind, (file) => installed.manifest(ownerOf(file, installed) ?? ''));
    console.log(JSON.stringify(entry && [entry.by, entry.file.slice(root.length + 1)].join(' ')) ?? '');`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=odd', '--input-type=module', '--eval', script, root, specifier, kind],
    { env: { ...process.env, NODE_OPTIONS: '--disable-warning=ExperimentalWarning' } },
  );
  return stdout.trim() === '' ? undefined : JSON.parse(stdout);
}

const installed = {
  'package.json':
    '{"name":"app","imports":{"#own":{"odd":"./odd.cjs","require":"./required.cjs","default":"./own.mjs"}}}',
  'required.cjs': '',
  'odd.cjs': '',
  'own.mjs': '',
  'node_modules/both/package.json':
    '{"name":"both","exports":{".":{"odd":"./odd.cjs","import":"./import.mjs","require":"./require.cjs"}}}',
  'node_modules/both/odd.cjs': '',
  'node_modules/both/import.mjs': '',
  'node_modules/both/require.cjs': '',
  'node_modules/sync/package.json':
    '{"name":"sync","exports":{"odd":"./odd.cjs","module-sync":"./sync.mjs","default":"./default.cjs"}}',
  'node_modules/sync/odd.cjs': '',
  'node_modules/sync/sync.mjs': '',
  'node_modules/sync/default.cjs': '',
  'node_modules/oddly/package.json': '{"name":"oddly","exports":{"odd":"./odd.cjs"}}',
  'node_modules/oddly/odd.cjs': '',
  'node_modules/old/package.json': '{"name":"old","main":"lib"}',
  'node_modules/old/lib/index.js': '',
  'local/index.js': '',
};

test.each<[string, 'import' | 'require', string | undefined]>([
  ['both', 'require', 'require node_modules/both/require.cjs'],
  ['both', 'import', 'import node_modules/both/import.mjs'],
  ['sync', 'require', 'require node_modules/sync/sync.mjs'],
  ['sync', 'import', 'import node_modules/sync/sync.mjs'],
  ['oddly', 'require', undefined],
  ['#own', 'require', 'require required.cjs'],
  ['#own', 'import', 'import own.mjs'],
  ['old', 'require', 'require node_modules/old/lib/index.js'],
  ['old/lib', 'require', 'require node_modules/old/lib/index.js'],
  ['old', 'import', 'require node_modules/old/lib/index.js'],
  ['./local', 'require', 'require local/index.js'],
  ['not-there', 'require', undefined],
])('%s by %s is the same file whatever conditions this Node has', async (specifier, kind, expected) => {
  await using root = await directory(installed);
  expect(await resolveIn(root.path, specifier, kind)).toBe(expected);
});
