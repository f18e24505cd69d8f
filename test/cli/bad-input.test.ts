import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { directoryWith, fairlead } from './fairlead.ts';

const app = directoryWith({ 'package.json': '{"name":"@acme/tiny"}' });
const empty = directoryWith();
const damaged = directoryWith({ 'package.json': '{"name":"tiny"}', 'encore.app': '{"id": tiny}' });
const wrongType = directoryWith({ 'package.json': 'null' });
const state = directoryWith();
const newer = directoryWith({ 'version.json': '{"version":99}' });
const file = directoryWith({ state: '' });
const [piped, directory] = [directoryWith({ 'package.json': '{"name":"tiny"}' }), directoryWith()];
execFileSync('mkfifo', [join(piped.path, 'fairlead.json')]);
mkdirSync(join(directory.path, 'package.json'));
afterAll(() => {
  for (const one of [app, empty, damaged, wrongType, state, newer, file, piped, directory]) one.remove();
});

interface Case {
  args: string[];
  code: string;
  says: RegExp;
  dir?: string;
  stateDir?: string;
  input?: string;
}

const cases: Case[] = [
  { args: ['status'], dir: empty.path, code: 'FL1001', says: /has no package\.json/ },
  { args: ['status'], dir: damaged.path, code: 'FL1005', says: /encore\.app is not valid JSON/ },
  { args: ['status'], dir: wrongType.path, code: 'FL1005', says: /package\.json does not hold an object/ },
  { args: ['status'], dir: piped.path, code: 'FL1002', says: /fairlead\.json.*is not a regular file/ },
  { args: ['status'], dir: directory.path, code: 'FL5004', says: /EISDIR/ },
  { args: ['status'], stateDir: join(file.path, 'state'), code: 'FL4003', says: /ENOTDIR/ },
  { args: ['status'], stateDir: newer.path, code: 'FL4001', says: /newer Fairlead/ },
  { args: ['promote'], stateDir: newer.path, code: 'FL4001', says: /newer Fairlead/ },
  { args: ['promote', '--env', 'Prod'], code: 'FL3001', says: /"Prod" cannot name an environment/ },
  { args: ['plan', '--env', 'pr-007'], code: 'FL3001', says: /not the number of a pull request/ },
  { args: ['promote', '--env', 'pr-7'], code: 'FL3013', says: /of type preview/ },
  { args: ['rollback', '--env', 'pr-7'], code: 'FL3013', says: /of type preview/ },
  { args: ['rollback'], code: 'FL3010', says: /nothing to go back to/ },
  { args: ['resume'], code: 'FL5008', says: /tiny has no environment production/ },
  { args: ['destroy', '--env', 'staging'], code: 'FL5008', says: /tiny has no environment staging/ },
  { args: ['logs', '--env', 'staging'], code: 'FL5008', says: /tiny has no environment staging/ },
  { args: ['cron', 'trigger', 'daily', '--env', 'pr-7'], code: 'FL5008', says: /tiny has no environment pr-7/ },
  {
    args: ['secret', 'set', 'Key', '--type', 'local'],
    input: '\n',
    code: 'FL5005',
    says: /No value was given for Key/,
  },
  { args: ['secret', 'set', '1Key', '--type', 'local'], input: 'x', code: 'FL5006', says: /"1Key" cannot be the name/ },
  { args: ['secret', 'set', 'Key'], input: 'x', code: 'FL5007', says: /where the secret belongs/ },
];

test.each(cases)('$args → $code', async ({ args, code, says, dir = app.path, stateDir = state.path, input = '' }) => {
  const at = ['--dir', dir, '--state-dir', stateDir];
  const [human, json] = await Promise.all([
    fairlead([...args, ...at], { input }),
    fairlead([...args, ...at, '--json'], { input }),
  ]);
  expect(human).toMatchObject({ code: 1, stdout: '' });
  expect(human.stderr).toMatch(new RegExp(`^error ${code}: `, 'm'));
  expect(human.stderr).toMatch(says);
  expect(human.stderr).toMatch(/^help: \S/m);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ diagnostics: [{ code, message: expect.stringMatching(says) }] });
});

test('nothing is made where nothing could be done', () => {
  expect(existsSync(join(state.path, 'apps', 'tiny', 'environments'))).toBe(false);
  expect(existsSync(join(newer.path, 'apps'))).toBe(false);
});
