import { expect, test } from '@jest/globals';
import { renderLogLine, renderRawLine } from '../../cli/render-log-line.ts';

const image = `/state/apps/shop/environments/local/images/sha256-${'0a'.repeat(32)}`;
const plain = (_: string, text: string) => text;
const rendered = (value: unknown) =>
  renderLogLine({ process: 'app', text: typeof value === 'string' ? value : JSON.stringify(value) }, plain);

test.each<[string, unknown, string]>([
  ['text stays as it is', 'listening', 'app listening'],
  ['so does JSON that is not of our logger', '{"a":1}', 'app {"a":1}'],
  ['and what only looks like JSON', '{oops', 'app {oops'],
  [
    'a line of the logger',
    {
      level: 'info',
      time: '2026-01-02T03:04:05.678Z',
      message: 'placed',
      service: 'orders',
      endpoint: 'create',
      id: 'o1',
      n: 2,
    },
    '03:04:05.678 INFO  orders.create placed id=o1 n=2',
  ],
  [
    'a cron job',
    {
      level: 'info',
      message: 'request completed',
      method: 'POST',
      path: '/__fairlead/cron/daily',
      status: 200,
      duration_ms: 3,
    },
    'POST /__fairlead/cron/daily 200 3 ms',
  ],
  ['nothing steers the terminal', { level: 'info', message: '\x1b[2J' }, 'INFO  app \u{fffd}[2J'],
  [
    'an error with its stack',
    { level: 'error', message: 'failed', error: 'boom', stack: 'Error: boom\n    at x' },
    'ERROR app failed \n  Error: boom\n      at x',
  ],
  [
    'a stack, with the files of the application and without the frames of others',
    {
      level: 'error',
      message: 'failed',
      stack: [
        'Error: no a/b',
        `    at file://${image}/runtime/32.mjs:10:17454`,
        '    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)',
        `    at async get (${image}/orders/orders.ts:3:9)`,
        `    at async file://${image}/runtime/38.mjs:2:3189`,
        `    at async wrap (file://${image}/runtime.mjs:3:1901)`,
      ].join('\n'),
    },
    'ERROR app failed \n  Error: no a/b\n      at async get (orders/orders.ts:3:9)',
  ],
  [
    'a stack of others alone',
    { level: 'error', message: 'failed', stack: `Error: x\n    at file://${image}/runtime/32.mjs:10:17454` },
    'ERROR app failed \n  Error: x\n      at runtime/32.mjs:10:17454',
  ],
  ['text with a stack', `    at ${image}/a.ts:1:2`, 'app     at a.ts:1:2'],
  ['text in colors', '\x1b[2mdim\x1b[0m', 'app dim'],
])('%s', (_, line, expected) => {
  expect(rendered(line)).toBe(expected);
});

test('a request is one line, the front door’s, whatever processes it passes', () => {
  const time = '2026-01-02T03:04:05.678Z';
  const request = { level: 'info', time, method: 'GET', path: '/orders/1', status: 404 };
  const line = (process: string, entry: object) => renderLogLine({ process, text: JSON.stringify(entry) }, plain);
  expect(line('@front-door', { ...request, message: 'GET /orders/1 404', duration: 12.3 })).toBe(
    '03:04:05.678 GET /orders/1 404 12 ms',
  );
  const download = { ...request, path: '/__fairlead/objects/pictures/a.png' };
  expect(line('app', { ...download, message: 'request completed', duration_ms: 10 })).toBe(undefined);
  const passed = { ...request, message: 'request completed', duration_ms: 10 };
  expect(line('app', passed)).toBe(undefined);
  expect(renderLogLine({ process: 'app', text: JSON.stringify(passed) }, plain, 'all')).toBe(
    '03:04:05.678 GET /orders/1 404 10 ms',
  );
});

test('a raw line is as it was written', () => {
  const line = { process: 'app', text: '\x1b[2Jcleared\x07\ttab' };
  expect(renderRawLine(line, plain)).toBe('app \x1b[2Jcleared\x07\ttab');
});
