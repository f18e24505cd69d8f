import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { act } from './act.ts';

const main = fileURLToPath(new URL('main.ts', import.meta.url));
const limit = 1_800_000;

if (act !== undefined || process.env.CI !== undefined) {
  test(
    'the workflows play the same life in an account of AWS, with what its trust lets them',
    () => {
      const args = ['--disable-warning=ExperimentalWarning', main, '--target', 'aws'];
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        encoding: 'utf8',
        env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
        maxBuffer: 64 * 1024 * 1024,
        timeout: limit,
      });
      expect(status === 0 ? '' : `${stdout}\n${stderr}`).toBe('');
      expect(stdout).toContain('facts checked');
    },
    limit,
  );
} else {
  test.skip('act is not installed', () => {});
}
