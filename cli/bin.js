#!/usr/bin/env node
// Starts the command line on a Node that can run its sources. Plain JavaScript that any Node since 14 can read.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const needed = [22, 18];
const [major, minor] = process.versions.node.split('.').map(Number);

if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  hushExperimentalWarnings();
  endWithStarter();
  const { enableCompileCache } = await import('node:module');
  // Not in the system's temporary directory, where another user could put code in advance: whoever can write here can
  // change the sources as well. Where nobody can, nothing is cached.
  enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/fairlead', import.meta.url)));
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
} else {
  startOn(
    fileURLToPath(
      new URL(`../node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`, import.meta.url),
    ),
  );
}

/** Type stripping and node:sqlite announce themselves as experimental in some versions; other warnings stay. */
function hushExperimentalWarnings() {
  const emitWarning = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    const type = typeof rest[0] === 'object' ? rest[0]?.type : rest[0];
    if ((type ?? warning?.name) !== 'ExperimentalWarning') emitWarning.call(process, warning, ...rest);
  };
}

/** Ends this process with the one that ran `startOn`, however that died: the system then closes the channel between them. */
function endWithStarter() {
  if (process.connected === false) process.exit(1);
  process.on('disconnect', () => process.exit(1));
  if (process.channel) process.channel.unref();
}

/** Runs this file again on the Node that came with the kit's own dependencies. */
function startOn(node) {
  if (!existsSync(node)) {
    console.error(
      `error FL5002: Fairlead needs Node.js ${needed.join('.')} or newer, and this is ${process.versions.node}\n` +
        'help: Install a newer Node.js, or run "npm ci" in the directory of Fairlead, which brings one along.',
    );
    process.exitCode = 1;
    return;
  }
  const child = spawn(node, process.argv.slice(1), { stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  child.on('error', (error) => {
    console.error(
      `error FL5002: ${node} cannot be started: ${error.message}\nhelp: Run "npm ci" in the directory of Fairlead.`,
    );
    process.exitCode = 1;
  });
  // A terminal sends Ctrl-C to the child by itself; only a signal sent to this process alone must be passed on.
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  process.on('SIGINT', () => terminal || child.kill('SIGINT'));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => {
    if (!signal) return process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
