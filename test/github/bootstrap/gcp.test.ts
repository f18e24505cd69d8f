import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { evaluate } from '@marcbachmann/cel-js';
import { applyTrust, type Gcloud } from '../../../github/bootstrap/gcp/apply.ts';
import { trustCommands } from '../../../github/bootstrap/gcp/commands.ts';
import { attributeCondition } from '../../../github/bootstrap/gcp/condition.ts';
import { trustScript } from '../../../github/bootstrap/gcp/script.ts';
import { trustsOf } from '../../../github/bootstrap/trust.ts';
import { directoryWith } from '../../cli/fairlead.ts';
import { type Claims, foreign, previewClaims, productionClaims, shop } from './support/claims.ts';

const input = { repository: shop, project: 'acme-shop', location: 'europe-west1', registry: 'fairlead', forks: true };
const trust = trustCommands(input);
const commandLines = trust.steps.flatMap(({ exists, create, update }) =>
  [exists, create, update].filter((one) => one !== undefined),
);

const silent = { step: <T>(_: string, work: () => Promise<T>) => work(), info: () => {}, warn: () => {} };

describe('the condition of the provider', () => {
  const condition = attributeCondition(shop, trustsOf(shop, { forks: false }));
  const accepts = (assertion: Claims, text = condition) => evaluateOr(text, assertion);

  test('takes tokens of the kit’s jobs in their environments', () => {
    expect([previewClaims, productionClaims].map((claims) => accepts(claims))).toEqual([true, true]);
  });

  const wrong = [...Object.entries(foreign.preview), ...Object.entries(foreign.production)].filter(
    ([, claims]) => claims !== previewClaims && claims !== productionClaims,
  );
  test.each(wrong)('takes none of %s', (_, claims) => {
    expect(accepts(claims)).toBe(false);
  });

  test.each(['assertion.repository_owner_id == "583231" && ', 'assertion.repository_id == "1296269" && '])(
    'would take more without %s',
    (part) => {
      const weaker = condition.replace(part, '');
      expect(weaker).not.toBe(condition);
      const stolen = [
        { ...previewClaims, repository_id: '1300000' },
        { ...previewClaims, repository_owner_id: '7' },
      ];
      expect(stolen.map((claims) => accepts(claims))).toEqual([false, false]);
      expect(stolen.filter((claims) => accepts(claims, weaker))).toHaveLength(1);
    },
  );

  test('is not longer than a provider may have it', () => {
    expect(attributeCondition(shop, trustsOf(shop, { forks: true })).length).toBeLessThan(4096);
  });
});

/** A claim that a token lacks makes an error, which refuses the token. */
function evaluateOr(condition: string, assertion: Claims): unknown {
  try {
    return evaluate(condition, { assertion });
  } catch {
    return false;
  }
}

test('each environment has an account of its own, which its jobs alone may be', () => {
  const bindings = commandLines.filter((args) => args.includes('--role=roles/iam.workloadIdentityUser'));
  expect(bindings.map((args) => [args[3], args.find((arg) => arg.startsWith('--member='))])).toEqual(
    ['preview', 'preview-fork', 'production'].map((environment) => [
      `fl-1296269-${environment}@acme-shop.iam.gserviceaccount.com`,
      `--member=principalSet://iam.googleapis.com/projects/{project-number}/locations/global/workloadIdentityPools/fairlead-1296269/attribute.environment/${environment}`,
    ]),
  );
});

test('production alone may change by what rules images expire', () => {
  const roles = commandLines.flatMap((args) => {
    const role = args.find((arg) => arg.startsWith('--role=roles/artifactregistry'));
    return role ? [[role, args.find((arg) => arg.startsWith('--member='))!.split('@')[0]]] : [];
  });
  expect(roles).toEqual([
    ['--role=roles/artifactregistry.writer', '--member=serviceAccount:fl-1296269-preview'],
    ['--role=roles/artifactregistry.writer', '--member=serviceAccount:fl-1296269-preview-fork'],
    ['--role=roles/artifactregistry.admin', '--member=serviceAccount:fl-1296269-production'],
  ]);
});

test('names of accounts and people’s names fit, whatever the repository is called', () => {
  const long = trustCommands({ ...input, repository: { ...shop, name: 'n'.repeat(100), id: 99_999_999_999 } });
  const args = long.steps.flatMap(({ create }) => create);
  const labels = args.filter((arg) => arg.startsWith('--display-name=')).map((arg) => arg.slice(15));
  expect(labels.length).toBeGreaterThan(0);
  expect(labels.filter((label) => label.length > 32)).toEqual([]);
  expect(long.serviceAccounts.filter(({ email }) => email.split('@')[0]!.length > 30)).toEqual([]);
});

test.each([
  ['project', { project: 'acme; rm -rf' }],
  ['location', { location: '$(id)' }],
  ['registry', { registry: 'Fairlead' }],
  ['owner', { repository: { ...shop, owner: "a' || true || '" } }],
  ['branch', { repository: { ...shop, defaultBranch: 'main" || true || "' } }],
  ['number', { repository: { ...shop, id: Number.NaN } }],
])('a %s that means something else is refused', (_, change) => {
  expect(() => trustCommands({ ...input, ...change })).toThrow('FL6306');
});

describe('with a program that is called gcloud', () => {
  const place = directoryWith();
  afterAll(() => place.remove());
  const log = join(place.path, 'log');
  const stub = join(place.path, 'gcloud');
  writeFileSync(
    stub,
    `#!${process.execPath}
const args = process.argv.slice(2);
require('node:fs').appendFileSync(${JSON.stringify(log)}, JSON.stringify(args) + '\\n');
if (args[0] === 'projects') console.log('4711');
process.exit(args.includes('describe') && args[0] !== 'projects' && !process.env.THERE ? 1 : 0);
`,
  );
  chmodSync(stub, 0o755);
  const env = { ...process.env, PATH: `${place.path}${delimiter}${process.env.PATH}` };
  const calls = (): string[][] =>
    readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const filled = (there: boolean) => [
    ['projects', 'describe', 'acme-shop', '--format=value(projectNumber)'],
    ...trust.steps.flatMap(({ exists, create, update }) => {
      const change = exists && there ? update : create;
      return [...(exists ? [exists] : []), ...(change ? [change] : [])].map((args) =>
        args.map((arg) => arg.replace('{project-number}', '4711')),
      );
    }),
  ];

  test.each([false, true])('the script passes every argument as it is (all is there: %s)', (there) => {
    writeFileSync(log, '');
    const script = trustScript(trust, { project: 'acme-shop', slug: 'acme/shop' });
    const told = execFileSync('sh', ['-s'], {
      input: script,
      encoding: 'utf8',
      env: { ...env, ...(there && { THERE: '1' }) },
    });
    expect(calls()).toEqual(filled(there));
    expect(told.trimEnd().split('\n')).toEqual([
      'FAIRLEAD_WORKLOAD_IDENTITY_PROVIDER=projects/4711/locations/global/workloadIdentityPools/fairlead-1296269/providers/github',
      'FAIRLEAD_PREVIEW_SERVICE_ACCOUNT=fl-1296269-preview@acme-shop.iam.gserviceaccount.com',
      'FAIRLEAD_PREVIEW_FORK_SERVICE_ACCOUNT=fl-1296269-preview-fork@acme-shop.iam.gserviceaccount.com',
      'FAIRLEAD_PRODUCTION_SERVICE_ACCOUNT=fl-1296269-production@acme-shop.iam.gserviceaccount.com',
      'FAIRLEAD_REGION=europe-west1',
    ]);
  });

  test.each([false, true])('applying it runs the same (all is there: %s)', async (there) => {
    const ran: (readonly string[])[] = [];
    const run: Gcloud = async (args) => {
      ran.push(args);
      if (args[0] === 'projects') return '4711';
      if (args.includes('describe') && !there) throw new Error('not found');
      return '';
    };
    const applied = await applyTrust(trust, 'acme-shop', run, silent);
    expect(ran).toEqual(filled(there));
    expect(applied.provider).toBe(
      'projects/4711/locations/global/workloadIdentityPools/fairlead-1296269/providers/github',
    );
  });
});

test('what gcloud says of a failure is passed on', async () => {
  const fail: Gcloud = async () => {
    throw Object.assign(new Error('Command failed'), {
      stderr: 'WARNING: x\nERROR: (gcloud.projects) no permission\n',
    });
  };
  await expect(applyTrust(trust, 'acme-shop', fail, silent)).rejects.toThrow(/FL6311.*no permission/);
  const missing: Gcloud = async () => {
    throw Object.assign(new Error('spawn gcloud ENOENT'), { code: 'ENOENT' });
  };
  await expect(applyTrust(trust, 'acme-shop', missing, silent)).rejects.toThrow('FL6310');
});

const hasGcloud = spawnSync('gcloud', ['--version'], { stdio: 'ignore' }).status === 0;

/** What gcloud thinks of command lines, without running them. */
function lint(lines: string[]): { success: boolean; command_string: string; error_message?: string | null }[] {
  const commands = directoryWith({ 'commands.json': JSON.stringify(lines.map((line) => ({ command_string: line }))) });
  try {
    const args = ['meta', 'lint-gcloud-commands', `--commands-file=${join(commands.path, 'commands.json')}`];
    return JSON.parse(execFileSync('gcloud', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } finally {
    commands.remove();
  }
}

(hasGcloud ? test : test.skip)('gcloud knows every command and option (needs gcloud)', () => {
  const quoted = (arg: string) => `'${arg.replaceAll("'", `'\\''`)}'`;
  const lines = commandLines.map((args) => ['gcloud', ...args.map(quoted)].join(' '));
  const wrong = 'gcloud iam workload-identity-pools create p --projekt=x';
  const judged = lint([...lines, wrong]);
  expect(judged).toHaveLength(new Set(lines).size + 1);
  expect(judged.filter(({ success }) => !success)).toMatchObject([{ command_string: wrong }]);
});
