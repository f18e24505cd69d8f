import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { jsonDisplay, lineDisplay } from '../../cli/progress.ts';
import { duration } from '../../pipeline/duration.ts';

test.each([
  [0, '0 ms'],
  [340.4, '340 ms'],
  [1200, '1.2 s'],
  [59_900, '59.9 s'],
  [200_000, '3 min 20 s'],
])('%d milliseconds are %s', (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});

test('with --json progress is one event per line', () => {
  const lines: string[] = [];
  const display = jsonDisplay((line) => lines.push(line));
  display.started('Build');
  display.ended('Build', 12.3, false);
  display.started('Apply');
  display.ended('Apply', 5, true);
  display.message('warning', 'careful');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { event: 'step', title: 'Build', status: 'started' },
    { event: 'step', title: 'Build', status: 'done', milliseconds: 12 },
    { event: 'step', title: 'Apply', status: 'started' },
    { event: 'step', title: 'Apply', status: 'failed', milliseconds: 5 },
    { event: 'message', level: 'warning', text: 'careful' },
  ]);
});

test('as lines: after a second that it runs, every ten seconds again, and its end', () => {
  const lines: string[] = [];
  const display = lineDisplay((line) => lines.push(line));
  display.started('Build');
  for (let second = 1; second <= 12; second++) display.running('Build', second * 1000 + 3);
  display.ended('Build', 12_345, false);
  expect(lines).toEqual(['… Build (1 s)', '… Build (10 s)', '✔ Build (12.3 s)']);
});

const script = `
  import { Interruption } from ${JSON.stringify(resolve(import.meta.dirname, '../../cli/interruption.ts'))};
  import { createReporter, lineDisplay } from ${JSON.stringify(resolve(import.meta.dirname, '../../cli/progress.ts'))};
  const interruption = new Interruption();
  const report = createReporter(lineDisplay((line) => console.log(line.replace(/ \\(.*|;.*/, ''))), interruption);
  try {
    await report.step('first', async () => {
      console.log('ready');
      await new Promise((resolve) => { setInterval(() => {}, 1000); interruption.signal.addEventListener('abort', () => setImmediate(resolve)); });
    });
    await report.step('second', async () => console.log('must not begin'));
  } catch (error) {
    await report.step('unwind', async () => {});
    console.log(error.name);
    process.exit(error.exitCode);
  }`;

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s lets the step end, begins no other, lets the work unwind, and ends with %d',
  async (signal, exitCode) => {
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '' },
      },
    );
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (text.includes('ready')) child.kill(signal);
    });
    const [code] = await once(child, 'close');
    expect(output.trim().split('\n')).toEqual([
      'ready',
      'warning: Stopping when this step is done',
      '✔ first',
      'Stopped before: second. Running the command again continues.',
      '✔ unwind',
      'Interrupted',
    ]);
    expect(code).toBe(exitCode);
  },
);
