import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';
import { bin, directoryWith, fairlead, start } from './fairlead.ts';

const leaves = (command: Command, path: string[] = []): string[][] =>
  command.commands.length === 0 ? [path] : command.commands.flatMap((sub) => leaves(sub, [...path, sub.name()]));

const program = createProgram(async () => {});
const commands = leaves(program);

/** What `--help` after these words prints. */
function helpOf(path: string[]): string {
  const command = path.reduce<Command>((at, name) => at.commands.find((sub) => sub.name() === name) ?? at, program);
  const parts: string[] = [];
  command.configureOutput({ writeOut: (part) => parts.push(part) }).outputHelp();
  return parts.join('');
}

test('--help lists every command and the exit codes', async () => {
  const { code, stdout, stderr } = await fairlead(['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const [name] of commands) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  for (const exitCode of [0, 1, 2, 3, 70, 130]) expect(stdout).toMatch(new RegExp(`^  ${exitCode} `, 'm'));
});

test.each(commands)('%s %s --help shows examples and the global options', (...path) => {
  const words = path.filter(Boolean);
  const help = helpOf(words);
  expect(help).toContain(`Examples:\n  $ fairlead ${words.join(' ')}`);
  expect(help).toContain('--state-dir');
});

test('--help after a command is its help, and done', async () => {
  expect(await fairlead(['secret', 'set', '--help'])).toEqual({
    code: 0,
    stdout: helpOf(['secret', 'set']),
    stderr: '',
  });
});

test('--version prints the version alone', async () => {
  expect(await fairlead(['--version'])).toEqual({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test.each<[string[], RegExp]>([
  [['chek'], /unknown command 'chek'\n\(Did you mean check\?\)/],
  [['deploy'], /unknown command 'deploy'\n\(Did you mean preview or promote\?\)/],
  [['deplyo'], /unknown command 'deplyo'\n\(Did you mean preview or promote\?\)/],
  [['relese'], /unknown command 'relese'\n\(Did you mean promote\?\)/],
  [['destro'], /unknown command 'destro'$/m],
  [['secret', 'rm', 'Key'], /unknown command 'rm'\n\(Did you mean secret remove\?\)/],
  [['check', '--jsn'], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
  [['preview'], /required option '--pr <n>' not specified/],
  [['preview', '--pr', '0'], /whole number from 1/],
  [['preview', '--pr', '-1'], /whole number from 1|argument missing/],
  [['preview', '--pr', 'one'], /whole number from 1/],
  [['cleanup', '--pr', '1.5'], /whole number from 1/],
  [['graph', '--format', 'xml'], /Allowed choices are table, json, mermaid, dot, svg, html/],
  [['run', '--port', '70000'], /whole number from 1 to 65535/],
  [['status', '--state-dir', ''], /A path cannot be empty/],
  [['status', '--dir='], /A path cannot be empty/],
  [['destroy'], /required option '--env <name>' not specified/],
  [['secret', 'set', 'Key', '--type', 'prd'], /The types are production, development, preview, local/],
  [['secret', 'set', 'Key', '--type', 'local', '--env', 'pr-1'], /cannot be used with option/],
  [['secret', 'set', 'Key', 'value-in-argv'], /too many arguments/],
])('%j is a wrong command line', async (args, message) => {
  const [human, json] = await Promise.all([fairlead(args), fairlead([...args, '--json'])]);
  expect(human).toMatchObject({ code: 2, stdout: '' });
  expect(human.stderr).toMatch(/^error FL5001: /);
  expect(human.stderr).toMatch(message);
  expect(human.stderr).toMatch(/^help: See "fairlead .*--help"\.$/m);

  expect(json).toMatchObject({ code: 2, stderr: '' });
  expect(JSON.parse(json.stdout)).toEqual({
    diagnostics: [
      expect.objectContaining({ code: 'FL5001', severity: 'error', message: expect.stringMatching(message) }),
    ],
  });
});

test.each([
  [['secret', 'set'], 'fairlead secret set'],
  [['releases', 'diff', 'check'], 'fairlead releases diff'],
  [['explain'], 'fairlead explain'],
  [['--jsn'], 'fairlead'],
])('%j leads to the help of the command that is meant', async (args, command) => {
  expect((await fairlead(args)).stderr).toContain(`help: See "${command} --help".\n`);
});

test('a file is told from what is not there, and a directory in an application from one in none', async () => {
  const app = directoryWith({ 'package.json': '{"name":"tiny"}', 'orders/orders.ts': '' });
  const { stderr } = await fairlead(['check', join(app.path, 'package.json')]);
  expect(stderr).toContain('package.json is not a directory\n');
  for (const command of ['check', 'status']) {
    const { stdout, stderr } = await fairlead(['-C', join(app.path, 'orders'), command]);
    expect(stdout + stderr).toContain(`package.json of the application, such as ${app.path}.\n`);
  }
  app.remove();
});

test('without a command it shows help on standard error', async () => {
  const { code, stdout, stderr } = await fairlead([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^Usage: fairlead/);
});

test('a directory that is not there is the user’s error, as text and as JSON', async () => {
  expect(await fairlead(['check', '/no/such/place'])).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error FL5003: there is no directory /no/such/place\n' +
      'help: Name the directory of the application, or go there and leave the argument out.\n',
  });
  const { code, stdout, stderr } = await fairlead(['check', '/no/such/place', '--json']);
  expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  expect(JSON.parse(stdout)).toEqual({
    diagnostics: [expect.objectContaining({ code: 'FL5003', severity: 'error' })],
  });
});

test.each([
  [{}, [], false],
  [{ FORCE_COLOR: '1' }, [], true],
  [{ FORCE_COLOR: '1' }, ['--no-color'], false],
  [{ NO_COLOR: '1' }, [], false],
])('colours with %j and %j: %j', async (env, args, colored) => {
  const { stderr } = await fairlead(['check', '/no/such/place', ...args], { env: env as Record<string, string> });
  expect(stderr.includes('\x1b[')).toBe(colored);
  expect(stderr).not.toContain('Warning');
});

test('who stops reading changes neither the work nor the exit code', async () => {
  const wrong = directoryWith({ 'package.json': '{"name":"wrong"', 'a.ts': '' });
  const child = start(['check', wrong.path]);
  child.stdout.destroy();
  child.stderr.destroy();
  expect(await once(child, 'exit')).toEqual([1, null]);
  wrong.remove();
});

test('an empty FAIRLEAD_STATE_DIR counts as none', async () => {
  const app = directoryWith({ 'package.json': '{"name":"none"}' });
  // A command that does not touch the state directory: this machine's own is no matter of a test.
  const { code, stdout } = await fairlead(['check', app.path], { env: { FAIRLEAD_STATE_DIR: '' } });
  expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('FL1003') });
  app.remove();
});

/** A Node on this machine that cannot run the sources. */
const olderNode = [
  '/usr/local/bin/node',
  '/usr/bin/node',
  ...(process.env.PATH ?? '').split(':').map((path) => join(path, 'node')),
].find((path) => {
  try {
    const [major = 0, minor = 0] = execFileSync(path, ['-p', 'process.versions.node'], { encoding: 'utf8' })
      .split('.')
      .map(Number);
    return major < 22 || (major === 22 && minor < 18);
  } catch {
    return false;
  }
});
const testOnOlderNode = olderNode ? test : test.skip;

testOnOlderNode('an older Node starts the kit’s own and passes its exit code on', async () => {
  expect(await fairlead(['--version'], { node: olderNode! })).toMatchObject({ code: 0, stderr: '' });
  expect(await fairlead(['chek'], { node: olderNode! })).toMatchObject({ code: 2 });
});

testOnOlderNode('what an older Node has started ends with it, however it dies', async () => {
  const state = directoryWith({ 'package.json': '{"name":"tiny"}' });
  const child = start(['secret', 'set', 'Key', '--type', 'local', '--state-dir', state.path], {
    cwd: state.path,
    node: olderNode!,
  });
  while (spawnSync('pgrep', ['-P', String(child.pid)]).status !== 0) await setTimeout(20);
  child.kill('SIGKILL');
  // Its output is at its end only when nobody holds it any more; its input stays open.
  await once(child, 'close');
  child.stdin.destroy();
  state.remove();
});

testOnOlderNode('an older Node without the kit’s own says what is needed', async () => {
  const kit = directoryWith({ 'cli/bin.js': '', 'package.json': '{"type":"module"}' });
  const copy = join(kit.path, 'cli/bin.js');
  copyFileSync(bin, copy);
  const { code, stderr } = await fairlead(['--version'], { node: olderNode!, bin: copy });
  kit.remove();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error FL5002: Fairlead needs Node\.js 22\.18 or newer, and this is \d+\.\d+\.\d+\nhelp: .+\n$/,
  );
});
