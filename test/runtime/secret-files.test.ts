import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { secret } from '../../runtime/config/mod.ts';

const place = mkdtempSync(join(tmpdir(), 'fairlead-secrets-'));
const directory = join(place, 'secrets');
mkdirSync(join(directory, 'Folder'), { recursive: true });
const files = { Token: 'from a file\r\n', Empty: '', Lines: '\none\ntwo\n\n', Named: 'not this one', Blank: 'filled' };
for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
writeFileSync(join(place, 'Outside'), 'outside');
process.env.FAIRLEAD_INFRA_CONFIG = JSON.stringify({
  metadata: { cloud: 'gcp', env_type: 'production' },
  secrets: { Named: 'from the configuration', Blank: { $env: 'NO_SUCH_VARIABLE' } },
  fairlead: { version: 1, secrets_directory: directory },
});
afterAll(() => rmSync(place, { recursive: true }));

const read = (name: string) => secret(name as 'Token')();

test('a secret that the configuration does not name is read from its file, without line breaks at the end', () => {
  expect(read('Token')).toBe('from a file');
  expect(read('Empty')).toBe('');
  expect(read('Lines')).toBe('\none\ntwo');
});

test('what the configuration names comes first, where it is there', () => {
  expect(read('Named')).toBe('from the configuration');
  expect(read('Blank')).toBe('filled');
});

test('what is not there is not set', () => {
  expect(() => read('Missing')).toThrow('secret Missing is not set');
  expect(() => read('constructor')).toThrow('secret constructor is not set');
  expect(() => read('Folder')).toThrow(/secret Folder cannot be read from .*: EISDIR/);
});

test.each(['../Outside', '..', '/etc/hostname', 'Folder/../Token', '../secrets/Token', 'Token\0', ''])(
  'no name leads to another place: %j',
  (name) => expect(() => read(name)).toThrow(`secret ${name} is not set`),
);
