import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { act } from './act.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));

if (act !== undefined || process.env.CI !== undefined) {
  test('the workflows play the life of pull requests on a real runner', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
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
