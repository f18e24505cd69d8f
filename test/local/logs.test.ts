import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readLogs } from '../../local/logs.ts';
import { eachLine, LogFile, logPath, ownLogs } from '../../local/supervisor/log-file.ts';
import type { LogOptions } from '../../pipeline/mod.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'fairlead-logs-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const log = (process: string) => new LogFile(logPath(directory, process));

async function read(options: Partial<LogOptions> = {}): Promise<string[]> {
  const lines: string[] = [];
  for await (const { process, text } of readLogs(directory, { follow: false, ...options }))
    lines.push(`${process}: ${text}`);
  return lines;
}

test('gives the lines of all processes in the order they came, as they were written', async () => {
  const [a, b] = [log('orders'), log('../b')];
  a.write('{"level":"info"}');
  await new Promise((resolve) => setTimeout(resolve, 2));
  b.write('  indented');
  await new Promise((resolve) => setTimeout(resolve, 2));
  a.write('last');
  log(ownLogs.supervisor).write('of no concern');
  expect(await read()).toEqual(['orders: {"level":"info"}', '../b:   indented', 'orders: last']);
  expect(await read({ tail: 2 })).toEqual(['../b:   indented', 'orders: last']);
  expect(await read({ tail: 0 })).toEqual([]);
  expect(await read({ process: 'orders', tail: 1 })).toEqual(['orders: last']);
  expect(await read({ process: 'nothing' })).toEqual([]);
});

test.each(Object.values(ownLogs))('a service called as %s has a log beside it', async (own) => {
  const service = own.slice(1);
  log(service).write('of the service');
  log(own).write('of Fairlead');
  expect(logPath(directory, service)).not.toBe(logPath(directory, own));
  expect(await read({ process: service })).toEqual([`${service}: of the service`]);
});

test('follows across the rotation of a file, and begins with what was rotated', async () => {
  const file = log('app');
  const stop = new AbortController();
  const lines = readLogs(directory, { follow: true, signal: stop.signal });
  const seen: string[] = [];
  const following = (async () => {
    for await (const { text } of lines) seen.push(text.slice(0, 8));
  })();
  // Over ten megabytes in lines of sixty kilobytes.
  const count = 200;
  for (let index = 0; index < count; index++) {
    file.write(String(index).padStart(8, '0') + 'x'.repeat(60_000));
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  }
  while (seen.length < count) await new Promise((resolve) => setTimeout(resolve, 10));
  stop.abort();
  await following;
  expect(seen).toEqual(Array.from({ length: count }, (_, index) => String(index).padStart(8, '0')));
  expect(readdirSync(directory).sort()).toEqual(['app.log', 'app.log.1']);
  expect(await read()).toHaveLength(count);
});

test('cuts streams into lines', () => {
  const stream = new PassThrough();
  const lines: string[] = [];
  eachLine(stream, (line) => lines.push(line));
  for (const chunk of ['a', 'b\nc\r\n', '\n', 'x'.repeat(70_000), 'end']) stream.write(chunk);
  stream.destroy();
  return new Promise<void>((resolve) => stream.once('close', () => resolve())).then(() =>
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['ab', 'c', '', 'xxxx', 'end']),
  );
});
