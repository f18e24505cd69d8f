import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

const start = new URL('../../runtime/internal/start.ts', import.meta.url).href;

/** Runs a program that fails before it starts the application. */
function failing(env: Record<string, string>) {
  const { NODE_OPTIONS: _, ENCORE_NOLOG: __, ...inherited } = process.env;
  const program = `await import(${JSON.stringify(start)});\nthrow new Error('CARD_PRINTER_URL is not set');\n`;
  return spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    env: { ...inherited, ...env },
  });
}

test('what a module of the application throws is one line of the log, with its stack, and the end', () => {
  const { status, stdout, stderr } = failing({});
  expect(status).toBe(1);
  const lines = `${stdout}${stderr}`.trim().split('\n');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({
    level: 'error',
    message: 'the application could not be started',
    stack: expect.stringMatching(/^Error: CARD_PRINTER_URL is not set\n +at /),
  });
});

test('where nothing is logged, Node tells of it', () => {
  const { status, stdout, stderr } = failing({ ENCORE_NOLOG: '1' });
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain('Error: CARD_PRINTER_URL is not set');
});
