import { expect, test } from '@jest/globals';
import { checkRepository } from '../../../github/doctor/repository.ts';

test.each([
  ['without a remote', {}, 'git remote add origin git@github.com:'],
  ['with one elsewhere', { remoteName: 'lab', remote: 'https://gitlab.com/a/b.git' }, 'git remote set-url lab git@'],
])('%s it says the command that leads to GitHub', (_, facts, command) => {
  const [found] = checkRepository({ root: '/shop', ...facts });
  expect([found?.state, found?.mend]).toEqual(['failed', expect.stringContaining(command)]);
});
