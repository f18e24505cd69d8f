import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { act } from './act.ts';

/** CI has no time for all of it; `npm run e2e` plays it. */
const all = process.env.FAIRLEAD_TEST_ALL === '1';
const main = fileURLToPath(new URL('main.ts', import.meta.url));

if (act !== undefined || process.env.CI !== undefined) {
  test('the workflows play the life of pull requests on a real runner', () => {
    const args = ['--disable-warning=ExperimentalWarning', main, ...(all ? [] : ['--brief'])];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
      timeout: 1_200_000,
    });
    expect(status === 0 ? '' : `${stdout}\n${stderr}`).toBe('');
    expect(stdout).toContain('facts checked');
  }, 1_200_000);
} else {
  test.skip('act is not installed', () => {});
}
