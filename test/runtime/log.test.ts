import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from '@jest/globals';

const module = pathToFileURL(join(import.meta.dirname, '../../runtime/log/mod.ts')).href;
const directory = mkdtempSync(join(tmpdir(), 'fairlead-log-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** The lines that a program writes, which has the module as `log` and the default logger as `logger`. */
function linesOf(program: string, env: Record<string, string> = {}): Record<string, unknown>[] {
  const source = `import logger, * as log from ${JSON.stringify(module)};\nconst failure = new Error('no disk');\n${program}`;
  const { PATH = '' } = process.env;
  const output = execFileSync(process.execPath, ['--input-type=module', '--eval', source], {
    encoding: 'utf8',
    env: { PATH, ...env },
  });
  return output
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('a line is JSON with its time, level, message and fields', () => {
  const [line] = linesOf("log.info('stored', { id: 5 });");
  expect(line).toEqual({ level: 'info', time: expect.any(String), message: 'stored', id: 5 });
  expect(Math.abs(Date.now() - Date.parse(line?.time as string))).toBeLessThan(60_000);
});

test.each([
  ["log.warn('careful');", { level: 'warn', message: 'careful' }],
  ["log.warn('careful', { id: 5 });", { level: 'warn', message: 'careful', id: 5 }],
  ['log.error(failure);', { level: 'error', message: 'no disk', error: 'no disk', stack: true }],
  ['log.error(failure, { id: 5 });', { level: 'error', message: 'no disk', error: 'no disk', stack: true, id: 5 }],
  [
    "log.error(failure, 'not stored', { id: 5 });",
    { level: 'error', message: 'not stored', error: 'no disk', stack: true, id: 5 },
  ],
  ["log.error({ code: 5 }, 'not stored');", { level: 'error', message: 'not stored', error: '[object Object]' }],
  ["logger.error('not stored');", { level: 'error', message: 'not stored' }],
])('%s', (program, expected) => {
  const [{ time, stack, ...line } = {}] = linesOf(program);
  expect({ ...line, ...(stack !== undefined && { stack: typeof stack === 'string' }) }).toEqual(expected);
});

test('the stack of an error tells what caused it, however often, and no circle without end', () => {
  const [failed, circle] = linesOf(`
    log.error(new Error('no order', { cause: new Error('no row', { cause: 'no disk' }) }));
    failure.cause = failure;
    log.error(failure);
  `);
  expect(failed?.stack).toMatch(
    /^Error: no order\n {4}at [\s\S]*\n\[cause\]: Error: no row\n {4}at [\s\S]*\n\[cause\]: no disk$/,
  );
  expect(String(circle?.stack).match(/no disk/g)).toHaveLength(6);
});

test('a logger with fields adds them to every line, and one with a level is silent below it', () => {
  const lines = linesOf(`
    const own = logger.with({ shop: 'a' }).with({ till: 1 }).withLevel(log.LogLevel.Warn);
    own.info('not this');
    own.warn('this');
    own.with({ shop: 'b' }).error('and this');
    logger.info('and what is without');
  `);
  expect(lines.map(({ time, level, ...line }) => line)).toEqual([
    { message: 'this', shop: 'a', till: 1 },
    { message: 'and this', shop: 'b', till: 1 },
    { message: 'and what is without' },
  ]);
});

test.each<[string, Record<string, string>, string[]]>([
  ['from info upwards', {}, ['info', 'warn', 'error']],
  ['from the level of ENCORE_LOG upwards', { ENCORE_LOG: 'trace' }, ['trace', 'debug', 'info', 'warn', 'error']],
  ['of a list the level that has no name', { ENCORE_LOG: 'db=debug,error' }, ['error']],
  ['from info upwards when the level is unknown', { ENCORE_LOG: 'loud' }, ['info', 'warn', 'error']],
  ['nothing with ENCORE_NOLOG', { ENCORE_NOLOG: '1', ENCORE_LOG: 'trace' }, []],
])('what is written is %s', (_, env, expected) => {
  const program = "for (const level of ['trace', 'debug', 'info', 'warn', 'error']) log[level]('x');";
  expect(linesOf(program, env).map(({ level }) => level)).toEqual(expected);
});

test('the level of the configuration counts when the environment names none', () => {
  const config = join(directory, 'infra.json');
  writeFileSync(config, '{ "log_config": "warn" }');
  expect(linesOf("log.info('x');\nlog.warn('y');", { ENCORE_INFRA_CONFIG_PATH: config })).toHaveLength(1);
});
