import { expect, test } from '@jest/globals';
import { parseBaseName, renderBaseName } from '../../../images/base/name.ts';

const digest = `sha256:${'a'.repeat(64)}`;

test.each([
  ['node', 'docker.io/library/node:latest'],
  ['docker.io/node:24', 'docker.io/library/node:24'],
  ['index.docker.io/node:24', 'docker.io/library/node:24'],
  ['index.docker.io/library/node:24', 'docker.io/library/node:24'],
  ['team/node:24', 'docker.io/team/node:24'],
  ['docker.io/team/node:24', 'docker.io/team/node:24'],
  ['registry.example/node:24', 'registry.example/node:24'],
  ['localhost/node', 'localhost/node:latest'],
])('%s is %s', (text, full) => {
  expect(renderBaseName(parseBaseName(text))).toBe(full);
  expect(parseBaseName(`${text}@${digest}`)).toEqual({ ...parseBaseName(text), digest });
});

test('a name with a password is refused without it', () => {
  const read = () => parseBaseName('user:hunter2token@ghcr.io/acme');
  expect(read).toThrow('FL2209: "***@ghcr.io/acme"');
  expect(read).not.toThrow('hunter2token');
});
