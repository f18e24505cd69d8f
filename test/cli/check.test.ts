import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import type { Diagnostic } from '../../analyzer/diagnostic.ts';
import { conclude } from '../../cli/commands/check.ts';
import { errorPage, errorSections } from '../../github/error-pages.ts';
import { directoryWith, fairlead } from './fairlead.ts';

const endpoint = (config: string) =>
  `import { api } from 'encore.dev/api';\nexport const list = api(${config}, async () => {});\n`;

/** A repository with two applications below its root. */
const repository = directoryWith({
  'apps/wrong/package.json': '{ "name": "wrong" }',
  'apps/wrong/orders/orders.ts': endpoint("{ bodyLimt: 1, method: 'POTS' }"),
  'apps/wrong/users/users.ts': endpoint('{ pth: "/" }'),
  'apps/odd/package.json': '{ "name": "odd" }',
  'apps/odd/orders/orders.ts': `import { x } from 'not-installed';\n${endpoint('{}')}export const y = x;\n`,
  'apps/right/package.json': '{ "name": "right" }',
  'apps/right/orders/orders.ts': endpoint('{}'),
});
mkdirSync(join(repository.path, '.git'));
afterAll(repository.remove);
const [wrong, right, odd] = ['apps/wrong', 'apps/right', 'apps/odd'];

function check(args: string[], env: Record<string, string> = { GITHUB_ACTIONS: '' }) {
  return fairlead(['check', '--quiet', ...args], { cwd: repository.path, env });
}

describe('text', () => {
  test('everything that is wrong, by file, with where to read more, and how much it is', async () => {
    const { code, stdout } = await check([wrong!]);
    expect(code).toBe(1);
    const page = errorPage({});
    expect(stdout).toBe(`apps/wrong/orders/orders.ts: 2 errors

error FL1107: unknown field \`bodyLimt\`
apps/wrong/orders/orders.ts:2:27
  1 | import { api } from 'encore.dev/api';
> 2 | export const list = api({ bodyLimt: 1, method: 'POTS' }, async () => {});
    |                           ^^^^^^^^
help: ${await helpOf('FL1107')}

error FL1307: \`POTS\` is not a method
apps/wrong/orders/orders.ts:2:48
  1 | import { api } from 'encore.dev/api';
> 2 | export const list = api({ bodyLimt: 1, method: 'POTS' }, async () => {});
    |                                                ^^^^^^
help: ${await helpOf('FL1307')}

apps/wrong/users/users.ts: 1 error

error FL1107: unknown field \`pth\`
apps/wrong/users/users.ts:2:27
  1 | import { api } from 'encore.dev/api';
> 2 | export const list = api({ pth: "/" }, async () => {});
    |                           ^^^
help: ${await helpOf('FL1107', 1)}

FL1107  ${page}#fl1107--an-unknown-field
FL1307  ${page}#fl1307--an-unknown-method

3 errors in 2 files
`);
  });

  test('nothing is wrong', async () => {
    expect(await check([right!])).toEqual({
      code: 0,
      stdout: 'No errors in 1 service with 1 endpoint\n',
      stderr: '',
    });
  });
});

/** The help of the n-th diagnostic of that code. */
async function helpOf(code: string, index = 0): Promise<string> {
  const { diagnostics } = JSON.parse((await check([wrong!, '--json'])).stdout);
  return diagnostics.filter((one: { code: string }) => one.code === code)[index].help;
}

test('--format json is the document of --json', async () => {
  const [format, json] = await Promise.all([check([wrong!, '--format', 'json']), check([wrong!, '--json'])]);
  expect(format).toMatchObject({ code: json.code, stdout: json.stdout });
  expect(JSON.parse(format.stdout).diagnostics).toHaveLength(3);
});

test('--format sarif names files as the repository does', async () => {
  const { code, stdout } = await check([wrong!, '--format', 'sarif']);
  expect(code).toBe(1);
  const { results } = JSON.parse(stdout).runs[0];
  expect(
    results.map(
      (result: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }) =>
        result.locations[0]!.physicalLocation.artifactLocation.uri,
    ),
  ).toEqual(['apps/wrong/orders/orders.ts', 'apps/wrong/orders/orders.ts', 'apps/wrong/users/users.ts']);
});

test('--format github prints annotations alone', async () => {
  const { code, stdout } = await check([wrong!, '--format', 'github']);
  expect(code).toBe(1);
  const lines = stdout.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line).toMatch(/^::error file=apps\/wrong\/\w+\/\w+\.ts,line=2,/);
});

test('in a workflow text comes with annotations, unless a format is asked for', async () => {
  const env = { GITHUB_ACTIONS: 'true' };
  const [both, text, json] = await Promise.all([
    check([wrong!], env),
    check([wrong!, '--format', 'text'], env),
    check([wrong!, '--json'], env),
  ]);
  expect(both.stdout).toContain('\n3 errors in 2 files\n\n::error file=apps/wrong/orders/orders.ts,');
  expect(text.stdout).not.toContain('::error');
  expect(JSON.parse(json.stdout).diagnostics).toHaveLength(3);
  expect(await check([right!], env)).toMatchObject({ stdout: 'No errors in 1 service with 1 endpoint\n' });
});

test('a source cannot give commands to the runner', async () => {
  const evil = directoryWith({
    'package.json': '{ "name": "evil" }',
    'orders/orders.ts': `// ##[add-mask]x\n${endpoint('{ "\\n::add-mask::x": 1 }')}`,
  });
  const { stdout } = await fairlead(['check', evil.path], { env: { GITHUB_ACTIONS: 'true' } });
  evil.remove();
  const commands = stdout.split(/\r\n|\r|\n/).filter((line) => /^\s*::|##\[/.test(line));
  expect(stdout).toContain('add-mask');
  expect(commands).toEqual([
    expect.stringMatching(/^::error file=orders\/orders\.ts,.*::unknown field ` ::add-mask::x`/),
  ]);
});

test('warnings alone do not fail the check, unless it is strict', () => {
  const warning: Diagnostic = { code: 'FL1003', severity: 'warning', message: 'a', help: 'b' };
  const graph = { services: [] };
  const concluded = (diagnostics: Diagnostic[], strict: boolean) => {
    const { summary, exitCode } = conclude({ graph, diagnostics }, strict);
    return [stripVTControlCharacters(summary), exitCode];
  };
  expect(concluded([], true)).toEqual(['No errors in 0 services with 0 endpoints', 0]);
  expect(concluded([warning], false)).toEqual(['No errors in 0 services with 0 endpoints, 1 warning', 0]);
  expect(concluded([warning, warning], true)).toEqual(['2 warnings, and --strict takes none', 1]);
  expect(concluded([warning, { ...warning, severity: 'error' }], false)).toEqual(['1 error and 1 warning', 1]);
});

test('a warning is told as one, and stops nothing but a strict check', async () => {
  const env = { GITHUB_ACTIONS: 'true' };
  const [text, strict, sarif] = await Promise.all([
    check([odd!], env),
    check([odd!, '--strict'], env),
    check([odd!, '--format', 'sarif'], env),
  ]);
  expect(text.code).toBe(0);
  expect(text.stdout).toMatch(/^warning FL1009: /);
  expect(text.stdout).toMatch(
    /\nNo errors in 1 service with 1 endpoint, 1 warning\n\n::warning file=apps\/odd\/orders\/orders\.ts,line=1,.*title=FL1009::/,
  );
  expect(strict.code).toBe(1);
  expect(strict.stdout).toContain('\n1 warning, and --strict takes none\n');
  expect(sarif.code).toBe(0);
  expect(JSON.parse(sarif.stdout).runs[0].results).toEqual([expect.objectContaining({ level: 'warning' })]);
});

describe('--output', () => {
  test('gets what the format says, while text is printed', async () => {
    const file = join(repository.path, 'fairlead.sarif');
    const [sarif, { stdout }] = [await check([wrong!, '--format', 'sarif', '--output', file]), await check([wrong!])];
    expect(sarif).toMatchObject({ code: 1, stdout });
    expect(JSON.parse(readFileSync(file, 'utf8')).runs[0].results).toHaveLength(3);
  });

  test('that cannot be written is said', async () => {
    const { code, stderr } = await check([right!, '--format', 'sarif', '--output', 'no/such/place.sarif']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error FL5013: the result cannot be written to no\/such\/place\.sarif: /);
  });
});

test('the page of a kit that runs as an action is the one on the server', () => {
  const kit = join(import.meta.dirname, '../..');
  const environment = {
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_ACTION_REPOSITORY: 'acme/fairlead',
    GITHUB_ACTION_REF: 'v1',
    GITHUB_ACTION_PATH: join(kit, 'actions/check'),
  };
  expect(errorPage(environment)).toBe('https://github.com/acme/fairlead/blob/v1/docs/errors.md');
  expect(errorPage({ ...environment, GITHUB_ACTION_PATH: '/somewhere/else' })).toMatch(
    /^file:\/\/.*\/docs\/errors\.md$/,
  );
});

test('every section has the anchor that GitHub gives its heading', () => {
  expect(errorSections().get('FL1405')?.anchor).toBe('fl1405--a-database-that-is-not-declared');
  expect(errorSections('## FL1201 — An encore.service.ts without (a) service\n\nText.').get('FL1201')).toEqual({
    title: 'An encore.service.ts without (a) service',
    body: 'Text.',
    anchor: 'fl1201--an-encoreservicets-without-a-service',
  });
});
