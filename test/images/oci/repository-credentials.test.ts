import { chmod, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { anonymous, dockerCredentials } from '../../../images/oci/repository/mod.ts';
import { directory } from '../sample.ts';
import { codeOf, failureOf } from './content.ts';

const auth = (text: string) => Buffer.from(text).toString('base64');

async function home(config: unknown, helpers: Record<string, string> = {}) {
  const root = await directory({
    '.docker/config.json': typeof config === 'string' ? config : JSON.stringify(config),
    ...Object.fromEntries(
      Object.entries(helpers).map(([name, script]) => [`bin/docker-credential-${name}`, `#!/bin/sh\n${script}\n`]),
    ),
  });
  for (const name of Object.keys(helpers)) await chmod(join(root.path, 'bin', `docker-credential-${name}`), 0o755);
  const env = { PATH: `${join(root.path, 'bin')}${delimiter}${process.env.PATH}`, OUT: join(root.path, 'out') };
  return { ...root, env, find: dockerCredentials({ env, home: root.path }) };
}

test.each<[string, unknown, string, unknown]>([
  ['no file', undefined, 'r.example', undefined],
  ['nothing for it', { auths: { 'other.example': { auth: auth('a:b') } } }, 'r.example', undefined],
  [
    'a user and a password',
    { auths: { 'r.example': { auth: auth('ann:a:b') } } },
    'r.example',
    { username: 'ann', password: 'a:b' },
  ],
  [
    'with a port',
    { auths: { 'r.example:5000': { auth: auth('ann:b') } } },
    'r.example:5000',
    { username: 'ann', password: 'b' },
  ],
  [
    'an address',
    { auths: { 'https://r.example/v1/': { auth: auth('ann:b') } } },
    'r.example',
    { username: 'ann', password: 'b' },
  ],
  [
    'in plain words',
    { auths: { 'r.example': { username: 'ann', password: 'b' } } },
    'r.example',
    { username: 'ann', password: 'b' },
  ],
  [
    'an identity token',
    { auths: { 'r.example': { auth: auth('x:y'), identitytoken: 'id' } } },
    'r.example',
    { identityToken: 'id' },
  ],
  ['a registry token', { auths: { 'r.example': { registrytoken: 'rt' } } }, 'r.example', { registryToken: 'rt' }],
  ['an empty entry', { auths: { 'r.example': {} } }, 'r.example', undefined],
  [
    "Docker's own name",
    { auths: { 'https://index.docker.io/v1/': { auth: auth('ann:b') } } },
    'docker.io',
    { username: 'ann', password: 'b' },
  ],
])('the file has %s', async (_, config, registry, expected) => {
  await using root = await home(config ?? {});
  const credentials =
    config === undefined ? dockerCredentials({ env: {}, home: join(root.path, 'nobody') }) : root.find;
  expect(await credentials(registry)).toEqual(expected);
});

test('DOCKER_CONFIG names another directory', async () => {
  await using root = await directory({
    'other/config.json': JSON.stringify({ auths: { 'r.example': { auth: auth('ann:b') } } }),
  });
  const find = dockerCredentials({ env: { DOCKER_CONFIG: join(root.path, 'other') }, home: root.path });
  expect(await find('r.example')).toEqual({ username: 'ann', password: 'b' });
});

test.each<[string, unknown]>([
  ['half a file', '{"auths":'],
  ['a list of nothing', 'null'],
  ['no user', { auths: { 'r.example': { auth: auth('only') } } }],
])('%s is an error', async (_, config) => {
  await using root = await home(config);
  expect(await codeOf(root.find('r.example'))).toBe('FL2210');
});

test('a helper is asked on standard input, for its registry only', async () => {
  await using root = await home(
    {
      auths: { 'r.example': { auth: auth('old:old') }, 'other.example': { auth: auth('ann:b') } },
      credHelpers: { 'r.example': 'one' },
    },
    { one: 'echo "$@" > "$OUT"; cat >> "$OUT"; echo \'{"ServerURL":"r.example","Username":"ann","Secret":"s"}\'' },
  );
  expect(await root.find('r.example')).toEqual({ username: 'ann', password: 's' });
  expect(await readFile(root.env.OUT, 'utf8')).toBe('get\nr.example');
  expect(await root.find('other.example')).toEqual({ username: 'ann', password: 'b' });
});

test('a store may have an identity token, or nothing; then the file counts', async () => {
  const script =
    'read server; case $server in r.example) echo \'{"Username":"<token>","Secret":"id"}\';; *) echo "credentials not found in native keychain"; exit 1;; esac';
  await using root = await home(
    { credsStore: 'all', auths: { 'other.example': { auth: auth('ann:b') } } },
    { all: script },
  );
  expect(await root.find('r.example')).toEqual({ identityToken: 'id' });
  expect(await root.find('other.example')).toEqual({ username: 'ann', password: 'b' });
  expect(await root.find('third.example')).toBeUndefined();
});

test.each<[string, string, string]>([
  ['fails', 'one', 'cat >/dev/null; echo "secret: s3cr3t"; exit 3'],
  ['ends without reading', 'one', 'exit 1'],
  ['says something else', 'one', 'echo s3cr3t'],
  ['says too much', 'one', 'yes s3cr3t'],
  ['is not there', 'absent', 'true'],
  ['has a path', '../one', 'true'],
])('a helper that %s is an error without its words', async (_, name, script) => {
  await using root = await home({ credHelpers: { 'r.example': name } }, { one: script });
  const failure = await failureOf(root.find('r.example'));
  expect(failure.code).toBe('FL2210');
  expect(failure.text).not.toContain('s3cr3t');
});

test('a new sign-in counts at once, and nobody is nobody', async () => {
  await using root = await home({}, { one: 'cat "$OUT.json"' });
  expect(await root.find('r.example')).toBeUndefined();
  expect(await anonymous('r.example')).toBeUndefined();
});
