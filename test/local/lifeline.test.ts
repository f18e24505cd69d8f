import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from '@jest/globals';
import { directory } from '../images/sample.ts';

const lifeline = resolve('local/supervisor/lifeline.mjs');

const main = `
  import { fork } from 'node:child_process';
  import { Worker } from 'node:worker_threads';
  const thread = new Worker('require("worker_threads").parentPort.postMessage("thread")', { eval: true });
  thread.on('message', (message) => {
    console.log(message);
    fork(new URL('child.mjs', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  });
  setInterval(() => {}, 1000);`;

test('threads and what is forked live on, and the process ends with whoever holds its input', async () => {
  await using files = await directory({
    'main.mjs': main,
    'child.mjs': "setTimeout(() => console.log('child'), 100);",
  });
  const child = spawn(process.execPath, ['--import', lifeline, join(files.path, 'main.mjs')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const output = text(child.stdout);
  const errors = text(child.stderr);
  let seen = '';
  for (; !seen.includes('child'); )
    seen += String(await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]));
  child.stdin.end();
  expect(await once(child, 'exit')).toEqual([1, null]);
  expect([await output, await errors]).toEqual(['thread\nchild\n', '']);
});
