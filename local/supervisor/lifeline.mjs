// Loaded before the application's code in every process of an environment: ends it when its supervisor is gone, however that
// died, because the system then closes the pipe between them. JavaScript, since stripping types would cost start-up time.
import { isMainThread } from 'node:worker_threads';

// Threads load it as well, and have no pipe. What the process forks would, and may have no input at all.
if (isMainThread) {
  const own = process.execArgv.findIndex((argument) => argument.endsWith('lifeline.mjs'));
  if (process.execArgv[own - 1] === '--import') process.execArgv.splice(own - 1, 2);
  process.stdin
    .on('error', () => process.exit(1))
    .on('close', () => process.exit(1))
    .resume()
    .unref();
}
