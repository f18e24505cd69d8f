import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { excerpt } from '../../../pipeline/refusals/excerpt.ts';

test('an uncaught error is shown without its source line and without frames of Node.js', () => {
  expect(
    excerpt([
      '{"level":"info","message":"starting"}',
      'file:///images/main.mjs:2',
      `const minified=1;${'x'.repeat(9_000)}`,
      '                ^',
      '',
      'Error: CARD_PRINTER_URL is not set',
      '    at <anonymous> (/images/orders/orders.ts:5:42)',
      '    at ModuleJob.run (node:internal/modules/esm/module_job:561:25)',
      '    at node:internal/modules/esm/loader:647:26',
      '',
      'Node.js v24.21.0',
    ]),
  ).toEqual([
    'info: starting',
    'file:///images/main.mjs:2',
    'Error: CARD_PRINTER_URL is not set',
    '    at <anonymous> (/images/orders/orders.ts:5:42)',
    'Node.js v24.21.0',
  ]);
});

test('what a logger wrote is shown in its words, with the error and what to do', () => {
  const stack =
    'Error: CARD_PRINTER_URL is not set\n    at orders/orders.ts:5:42\n    at node:internal/modules/esm/loader:647:26';
  const lines = [
    { level: 'error', message: 'the application could not be started', stack },
    { level: 'error', message: 'cannot listen', code: 'FL6005', help: 'Set PORT.' },
  ].map((entry) => JSON.stringify(entry));
  expect(excerpt(lines)).toEqual([
    'error: the application could not be started',
    'Error: CARD_PRINTER_URL is not set',
    '    at orders/orders.ts:5:42',
    'error FL6005: cannot listen',
    'help: Set PORT.',
  ]);
});

test('other long lines are cut', () => {
  expect(excerpt([`{"message":"${'y'.repeat(900)}"}`])[0]).toHaveLength(502);
});

test('a source line is left out when its error is too far to the right for Node.js to mark', () => {
  const directory = mkdtempSync(join(tmpdir(), 'excerpt-'));
  try {
    const main = join(directory, 'main.mjs');
    writeFileSync(main, `var a=\`\n x\`;${'var b=1;'.repeat(1200)}throw new Error("CARD")`);
    const { stderr } = spawnSync(process.execPath, [main], { encoding: 'utf8' });
    const shown = excerpt(stderr.split('\n'));
    expect(shown.join('\n')).not.toContain('var b');
    expect(shown.slice(0, 2)).toEqual([`file://${main}:2`, 'Error: CARD']);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
