// `npm test`: compiles the runtime and runs the test suite. Arguments go to Jest: `npm test -- test/analyzer`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { leftOut } from './support/patient.ts';

if (leftOut.length > 0) console.error(`Left out without FAIRLEAD_TEST_ALL=1: ${leftOut.join(', ')}`);

const root = fileURLToPath(new URL('..', import.meta.url));
run([`${root}build.ts`]);
run(['--experimental-vm-modules', `${root}node_modules/jest/bin/jest.js`, ...process.argv.slice(2)]);

function run(args: string[]): void {
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  if (status !== 0) process.exit(status ?? 1);
}
