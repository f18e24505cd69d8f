import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { bin, directoryWith, fairlead } from './fairlead.ts';
import { tinyApplication } from './tiny.ts';

const app = tinyApplication();
afterAll(app.remove);
const graph = (...args: string[]) => fairlead(['graph', app.path, '--quiet', ...args]);

test('tables for people', async () => {
  const { code, stdout } = await graph();
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'Endpoints',
      'service  endpoint  methods  path          access',
      'door     hello     GET      /hello/:name  public',
      'greeter  greet     GET      /greet/:name  private',
      '',
      'Secrets',
      'name       read by',
      'Seal       greeter',
      'Signature  greeter',
      '',
      'Calls',
      'from  to',
      'door  greeter.greet',
      '',
    ].join('\n'),
  );
});

test.each([
  ['json', /^\{\n {2}"version": 2,/],
  ['mermaid', /^flowchart LR\n[\s\S]* -- "greet" --> /],
  ['dot', /^digraph "tiny" \{\n[\s\S]*\n\}\n$/],
  ['svg', /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[\s\S]*<\/svg>\n$/],
  ['html', /^<!doctype html>\n[\s\S]*<\/html>\n$/],
])('--format %s prints and writes the same', async (format, shape) => {
  const file = join(app.path, `graph.${format}`);
  const printed = await graph('--format', format);
  expect(printed.code).toBe(0);
  expect(printed.stdout).toMatch(shape);
  expect(await graph('--format', format, '-o', file)).toEqual({ code: 0, stdout: `Wrote ${file}\n`, stderr: '' });
  expect(readFileSync(file, 'utf8')).toBe(printed.stdout);
});

test('--json prints the Graph in every format', async () => {
  const { stdout } = await graph('--format', 'mermaid', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ version: 2, application: 'tiny' });
});

test('a file takes no colours', async () => {
  const file = join(app.path, 'table.txt');
  await fairlead(['graph', app.path, '-o', file], { env: { FORCE_COLOR: '1' } });
  expect(readFileSync(file, 'utf8')).toMatch(/^Endpoints\n/);
});

test('--service shows one service with what it has to do with', async () => {
  const { stdout } = await graph('--service', 'door', '--format', 'json');
  const part = JSON.parse(stdout);
  expect(part.services.map(({ name }: { name: string }) => name)).toEqual(['door', 'greeter']);
  expect(part.secrets).toEqual([]);
});

test('a service that is not there is named with the one that was meant', async () => {
  const { code, stderr } = await graph('--service', 'greter');
  expect(code).toBe(1);
  expect(stderr).toBe(
    'error FL5014: tiny has no service greter\nhelp: Did you mean `greeter`? There is door, greeter.\n',
  );
});

test('a file that cannot be written is the user’s error', async () => {
  const { code, stderr } = await graph('-o', join(app.path, 'no', 'such', 'directory'));
  expect(code).toBe(1);
  expect(stderr).toMatch(/^error FL5013: /);
});

test('what is not asked for is not loaded', async () => {
  const probe = directoryWith({
    'probe.mjs': `
      import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) { if (url.includes('elkjs')) console.log('loaded elkjs'); return next(url, context); } });
    `,
  });
  const loads = async (format: string) => {
    const env = { NODE_OPTIONS: `--import=${join(probe.path, 'probe.mjs')}` };
    const { stdout } = await fairlead(['graph', app.path, '--quiet', '--format', format], { env, bin });
    return stdout.includes('loaded elkjs');
  };
  expect([await loads('mermaid'), await loads('table'), await loads('svg')]).toEqual([false, false, true]);
  probe.remove();
});
