// Runs one of the repository's scripts on the pinned Node, installing the dependencies first where that is needed.
// Plain JavaScript on purpose: it must start on whatever Node the machine has.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Ctrl-C goes to the script as well, which may have something to finish; its end is ours.
process.on('SIGINT', () => {});

const root = fileURLToPath(new URL('.', import.meta.url));
const installed = statSync(`${root}node_modules/.package-lock.json`, { throwIfNoEntry: false });
if (!installed || installed.mtimeMs < statSync(`${root}package-lock.json`).mtimeMs) {
  console.error('Installing the dependencies …');
  run('npm', ['ci']);
}
const [script, ...args] = process.argv.slice(2);
const node = `${root}node_modules/node/bin/node${process.platform === 'win32' ? '.exe' : ''}`;
run(node, ['--disable-warning=ExperimentalWarning', `${root}${script}`, ...args]);

function run(command, argv) {
  const { status, signal, error } = spawnSync(command, argv, {
    stdio: 'inherit',
    cwd: root,
    shell: process.platform === 'win32' && command === 'npm',
  });
  if (error) throw error;
  if (signal) process.kill(process.pid, signal);
  if (status !== 0) process.exit(status ?? 1);
}
