import { inspect } from 'node:util';
import { expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import { type Credential, fixedCredential, type RegistryOptions } from '../../../images/oci/repository/mod.ts';
import { codeOf, failureOf, image, randomBlob, read, write } from './content.ts';
import { type Answer, type Asked, type FakeServer, serve, virtualClock } from './server.ts';

const { manifest } = image([randomBlob(10)]);
const stored: Answer = [200, { 'content-type': mediaTypes.manifest }, manifest.bytes];
const account = { username: 'ann', password: 'pass:word/1' };
const basic = `Basic ${Buffer.from('ann:pass:word/1').toString('base64')}`;

/** A registry whose tokens are `token-1`, `token-2`, …, each good for the scopes it was asked for, as long as `valid` says. */
async function tokenRegistry(
  valid: (token: string) => boolean = () => true,
  answer: (asked: Asked) => Answer = () => stored,
) {
  const issued = new Map<string, string[]>();
  const server = await serve(({ method, path, headers, body }, _, __) => {
    const url = new URL(path, 'http://x');
    if (url.pathname === '/token') {
      const token = `token-${issued.size + 1}`;
      const form = new URLSearchParams(body.toString());
      issued.set(`Bearer ${token}`, [...url.searchParams.getAll('scope'), ...(form.get('scope')?.split(' ') ?? [])]);
      return [200, {}, JSON.stringify({ token, expires_in: 300 })];
    }
    const scopes = issued.get(headers.authorization ?? '');
    const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'push';
    if (scopes?.some((scope) => scope.includes(actions)) && valid(headers.authorization!.slice(7)))
      return answer({ method, path, headers, body });
    const realm = `http://${headers.host}/token`;
    return [
      401,
      {
        'www-authenticate': `Bearer realm="${realm}",service="registry of ann",scope="repository:team/shop:${actions}"`,
      },
    ];
  });
  return server;
}

const tokens = (server: FakeServer) => server.asked.filter(({ path }) => path.startsWith('/token'));

const signedIn = (credential: Credential = account): RegistryOptions => ({ credentials: fixedCredential(credential) });

test('who has no name gets a token without one, and uses it as long as it lives', async () => {
  await using server = await tokenRegistry();
  const { clock, pass } = virtualClock();
  const repository = server.repository({ clock });
  for (let count = 0; count < 3; count += 1) await repository.manifest('v1');
  expect(tokens(server)).toHaveLength(1);
  expect(tokens(server)[0]!.path).toBe('/token?service=registry+of+ann&scope=repository%3Ateam%2Fshop%3Apull');
  expect(tokens(server)[0]!.headers.authorization).toBeUndefined();
  expect(server.asked).toHaveLength(2 + 3);
  pass(291_000);
  await repository.manifest('v1');
  expect(tokens(server)).toHaveLength(2);
  expect(server.asked).toHaveLength(2 + 3 + 2);
});

test('reading and writing have a token each', async () => {
  await using server = await tokenRegistry(undefined, ({ method }) =>
    method === 'HEAD' ? [404] : method === 'POST' ? [202, { location: '/up' }] : [201],
  );
  await write(server.repository(signedIn()), randomBlob(10));
  expect(tokens(server).map(({ path }) => new URLSearchParams(path.split('?')[1]).get('scope'))).toEqual([
    'repository:team/shop:pull',
    'repository:team/shop:pull,push',
  ]);
  expect(tokens(server).every(({ headers }) => headers.authorization === basic)).toBe(true);
  expect(
    server.asked
      .filter(({ path }) => !path.startsWith('/token'))
      .some(({ headers }) => headers.authorization === basic),
  ).toBe(false);
});

test('a mount asks for both repositories', async () => {
  await using server = await tokenRegistry(undefined, () => [201]);
  expect(await server.repository().mountBlob(manifest.descriptor.digest, 'other/base')).toBe(true);
  const scopes = new URLSearchParams(tokens(server)[0]!.path.split('?')[1]).getAll('scope');
  expect(scopes).toEqual(['repository:team/shop:pull,push', 'repository:other/base:pull']);
});

test('many who ask at the same time share one token', async () => {
  await using server = await tokenRegistry();
  const repository = server.repository();
  await Promise.all(Array.from({ length: 10 }, () => repository.manifest('v1')));
  expect(tokens(server)).toHaveLength(1);
});

test('a token that is refused before its time is replaced', async () => {
  let revoked = '';
  await using server = await tokenRegistry((token) => token !== revoked);
  const repository = server.repository();
  await repository.manifest('v1');
  revoked = 'token-1';
  expect(await repository.manifest('v1')).toBeDefined();
  expect(tokens(server)).toHaveLength(2);
});

test('an identity token is exchanged in the body of a POST', async () => {
  await using server = await tokenRegistry();
  expect(await server.repository(signedIn({ identityToken: 'identity' })).manifest('v1')).toBeDefined();
  const [asked] = tokens(server);
  expect([asked!.method, asked!.path, asked!.headers['content-type']]).toEqual([
    'POST',
    '/token',
    'application/x-www-form-urlencoded',
  ]);
  expect(Object.fromEntries(new URLSearchParams(asked!.body.toString()))).toEqual({
    grant_type: 'refresh_token',
    client_id: 'fairlead',
    service: 'registry of ann',
    scope: 'repository:team/shop:pull',
    refresh_token: 'identity',
  });
});

test('a token of the registry is used as it is', async () => {
  await using server = await serve(({ headers }) =>
    headers.authorization === 'Bearer given'
      ? stored
      : [401, { 'www-authenticate': 'Bearer realm="http://127.0.0.1:1/token"' }],
  );
  expect(await server.repository(signedIn({ registryToken: 'given' })).manifest('v1')).toBeDefined();
  expect(server.asked).toHaveLength(2);
});

test('basic authentication is learned once, and asked for again when it is refused', async () => {
  let password = 'first';
  let asked = 0;
  await using server = await serve(({ headers }) =>
    headers.authorization === `Basic ${Buffer.from(`ann:${password}`).toString('base64')}`
      ? stored
      : [401, { 'www-authenticate': 'Basic realm="x"' }],
  );
  const credentials = async (registry: string) => {
    expect(registry).toBe(server.host);
    asked += 1;
    return { username: 'ann', password };
  };
  const repository = server.repository({ credentials });
  await repository.manifest('v1');
  await repository.manifest('v1');
  expect([server.asked.length, asked]).toEqual([3, 1]);
  password = 'second';
  expect(await repository.manifest('v1')).toBeDefined();
  expect([server.asked.length, asked]).toEqual([5, 2]);
});

test('wrong and missing credentials end at once, with the way to sign in', async () => {
  await using server = await serve(() => [401, { 'www-authenticate': 'Basic realm="x"' }]);
  const [none, wrong] = [
    await failureOf(server.repository().manifest('v1')),
    await failureOf(server.repository(signedIn()).manifest('v1')),
  ];
  expect(none).toEqual({
    code: 'FL2201',
    text: expect.stringMatching(/wants to know who asks[\s\S]*docker login 127/),
  });
  expect(wrong).toEqual({
    code: 'FL2201',
    text: expect.stringMatching(/does not accept the credentials[\s\S]*docker login 127/),
  });
  expect(server.asked).toHaveLength(1 + 2);
});

test.each([401, 403])('a token server that answers %d accepts nobody', async (status) => {
  await using server = await serve(({ path, headers }) =>
    path.startsWith('/token') ? [status] : [401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }],
  );
  expect(await codeOf(server.repository(signedIn()).manifest('v1'))).toBe('FL2201');
});

test('a token server is waited for like the registry', async () => {
  await using server = await serve(({ path, headers }, _, nth) => {
    if (path.startsWith('/token'))
      return nth < 3 ? [503, { 'retry-after': '3' }] : [200, {}, '{"access_token":"late"}'];
    return headers.authorization === 'Bearer late'
      ? stored
      : [401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }];
  });
  const { clock, waits } = virtualClock();
  expect(await server.repository({ clock, random: () => 0 }).manifest('v1')).toBeDefined();
  expect(waits).toEqual([3000, 3000]);
});

test.each(['{}', '[]', 'null', 'hello', '{"token":""}', '{"token":"a\\nb"}', '{"token":7}'])(
  'a token server that says %s gives no token',
  async (body) => {
    await using server = await serve(({ path, headers }) =>
      path.startsWith('/token')
        ? [200, {}, body]
        : [401, { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` }],
    );
    expect(await codeOf(server.repository().manifest('v1'))).toBe('FL2208');
  },
);

test.each([
  ['', 'FL2208'],
  ['token', 'FL2208'],
  ['file:///etc/passwd', 'FL2208'],
  ['http://tokens.example/', 'FL2214'],
])('no credentials go to the realm %j', async (realm, code) => {
  await using server = await serve(() => [401, { 'www-authenticate': `Bearer realm="${realm}"` }]);
  expect(await codeOf(server.repository(signedIn()).manifest('v1'))).toBe(code);
  expect(server.asked).toHaveLength(1);
});

test('a store that the registry redirects to is not told who asks, and cannot ask', async () => {
  const one = randomBlob(1000);
  await using store = await serve(({ headers }) => (headers.authorization ? [400] : [200, {}, one.bytes]));
  await using registry = await tokenRegistry(undefined, () => [
    307,
    { location: `http://${store.host}/bucket/x?signature=very-secret` },
  ]);
  expect((await read(registry.repository(signedIn()), one.descriptor)).equals(one.bytes)).toBe(true);
  expect(store.asked[0]!.headers.authorization).toBeUndefined();

  await using greedy = await serve(({ headers }) => [
    401,
    { 'www-authenticate': `Bearer realm="http://${headers.host}/token"` },
  ]);
  await using other = await tokenRegistry(undefined, ({ path }) =>
    path.includes('/blobs/') ? [302, { location: `http://${greedy.host}/x?signature=very-secret` }] : stored,
  );
  const repository = other.repository(signedIn());
  await repository.manifest('v1');
  const failure = await failureOf(read(repository, one.descriptor));
  expect(failure.code).toBe('FL2201');
  expect(greedy.asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
});

test('an upload that goes on elsewhere is sent there without a name', async () => {
  await using store = await serve(() => [201]);
  await using registry = await tokenRegistry(undefined, ({ method }) =>
    method === 'HEAD' ? [404] : [202, { location: `http://${store.host}/up?signature=x` }],
  );
  const one = randomBlob(1000);
  await write(registry.repository(signedIn()), one);
  expect(store.asked[0]!.body.equals(one.bytes)).toBe(true);
  expect(store.asked[0]!.headers.authorization).toBeUndefined();
});

test('a redirect within the registry keeps the name', async () => {
  await using server = await tokenRegistry(undefined, ({ path }) =>
    path.endsWith('v1') ? [301, { location: '/v2/team/shop/manifests/v2' }] : stored,
  );
  expect(await server.repository(signedIn()).manifest('v1')).toBeDefined();
});

test('no secret is in an error, whatever the peers say', async () => {
  const secrets = ['pass:word/1', basic.slice(6), 'very-secret', 'token-1', 'user-info'];
  const everything = (headers: object) =>
    JSON.stringify({ errors: [{ code: 'DENIED', message: `${JSON.stringify(headers)} ${account.password}` }] });
  const answers: ((asked: Asked) => Answer)[] = [
    ({ headers }) => [403, {}, everything(headers)],
    ({ headers }) => [400, {}, everything(headers)],
    ({ headers }) => [500, {}, everything(headers)],
    ({ headers }) => [429, {}, everything(headers)],
    () => [307, { location: 'http://user-info:user-info@127.0.0.1:1/x?signature=very-secret' }],
    () => [307, { location: 'http://[very-secret' }],
    () => [200, {}, 'very-secret'],
  ];
  for (const answer of answers) {
    await using server = await tokenRegistry(undefined, answer);
    const repository = server.repository(signedIn());
    for (const work of [repository.manifest('v1'), read(repository, manifest.descriptor), repository.tags()]) {
      const error = await work.then(
        () => undefined,
        (error: unknown) => error,
      );
      const text = inspect(error, { depth: 10, showHidden: true });
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
  }
});
