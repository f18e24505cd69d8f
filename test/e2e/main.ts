// `npm run e2e`: the life of pull requests on a GitHub of our own, with the workflows as they are, run by act on this machine.
// With `--target aws`, environments are in an account of AWS that is a fake, and jobs sign in to it with their identity. `--brief` leaves
// out what goes wrong: it is half as long.
import { chmod, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { Telling } from '../../examples/demo/telling.ts';
import { openAccount } from './account.ts';
import { act, installation } from './act.ts';
import { machine } from './place.ts';
import { Stage } from './stage.ts';
import { story } from './story.ts';

if (act === undefined) {
  console.error(`This needs act, a runner of workflows. Install it with Go:\n\n   ${installation}`);
  process.exit(1);
}
const { values: options } = parseArgs({
  options: { target: { type: 'string', default: 'local' }, brief: { type: 'boolean', default: false } },
});
if (options.target !== 'local' && options.target !== 'aws') {
  console.error(`--target is local or aws, not ${options.target}`);
  process.exit(2);
}
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interruption.abort());
const home = await realpath(await mkdtemp(join(tmpdir(), 'fairlead-e2e-')));
// PostgreSQL runs as another user when we are root, and must be able to pass through.
await chmod(home, 0o711);
const telling = new Telling();
const application = fileURLToPath(new URL('../../examples/shop', import.meta.url));
const place = options.target === 'aws' ? await openAccount() : machine;
try {
  await using stage = await Stage.create(home, application, place, interruption.signal);
  try {
    for (const { title, long, play } of story) {
      if (long && options.brief) continue;
      interruption.signal.throwIfAborted();
      await telling.step(title, () => play(stage, telling));
    }
    console.log(`\n${telling.summary()}`);
  } finally {
    await stage.leaveNothing();
  }
} catch (error) {
  process.exitCode = 1;
  console.error(`\n${styleText('red', '✖')} ${error instanceof Error ? (error.stack ?? error.message) : error}`);
}
await place.dispose();
await rm(home, { recursive: true, force: true });
process.exit();
