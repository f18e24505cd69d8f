// `npm test`: compiles the runtime and runs the test suite. Arguments go to Jest: `npm test -- test/analyzer`.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const args = process.argv.slice(2);
// Whoever names tests wants all of them.
if (args.some((arg) => arg.startsWith('test/'))) process.env.FAIRLEAD_TEST_PATIENT = '1';
const { leftOut } = await import('./support/patient.ts');
if (leftOut.length > 0)
  console.error(
    `Left out: ${leftOut.length} files that take long (test/support/patient.ts). Name them, or set FAIRLEAD_TEST_ALL=1, to run them.`,
  );

const root = fileURLToPath(new URL('..', import.meta.url));
run([`${root}build.ts`]);
run(['--experimental-vm-modules', `${root}node_modules/jest/bin/jest.js`, ...args]);

function run(args: string[]): void {
  const { status } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'inherit',
    cwd: root,
  });
  if (status !== 0) process.exit(status ?? 1);
}
