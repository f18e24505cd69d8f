import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { mediaTypes } from '../../../images/oci/descriptor.ts';
import { type ByteStream, openRegistry } from '../../../images/oci/repository/mod.ts';
import { blob, codeOf, failureOf, image, index, randomBlob, read, write } from './content.ts';
import { type Answer, type Handler, serve, virtualClock } from './server.ts';

const { manifest } = image([randomBlob(10)]);
const stored: Answer = [200, { 'content-type': mediaTypes.manifest }, manifest.bytes];
const refused = (status: number, code: string, message: string): Answer => [
  status,
  {},
  JSON.stringify({ errors: [{ code, message }] }),
];

test.each<[number, string, string]>([
  [400, 'FL2207', '400: CODE: words of the registry'],
  [401, 'FL2201', 'docker login'],
  [403, 'FL2202', '403: CODE: words of the registry'],
  [409, 'FL2207', 'CODE'],
  [413, 'FL2207', 'CODE'],
])('%d is %s, said with the place and the way out', async (status, code, words) => {
  await using server = await serve(() => refused(status, 'CODE', 'words\n of\u0007 the\u202e registry'));
  const failure = await failureOf(server.repository().manifest('v1'));
  expect(failure.code).toBe(code);
  expect(failure.text).toContain(words);
  expect(failure.text).toContain(`${server.host}/team/shop:v1`);
  expect(server.asked).toHaveLength(1);
});

test.each([500, 502, 503, 504, 408])('%d is tried again, with growing waits', async (status) => {
  await using server = await serve((_, __, nth) => (nth < 3 ? [status] : stored));
  const { clock, waits } = virtualClock();
  expect((await server.repository({ clock }).manifest('v1'))?.descriptor).toEqual(manifest.descriptor);
  expect(waits).toEqual([500, 1000, 2000]);
});

test('a registry that stays broken is given up', async () => {
  await using server = await serve(() => [500]);
  const { clock, waits } = virtualClock();
  expect(await codeOf(server.repository({ clock }).manifest('v1'))).toBe('FL2206');
  expect(waits).toHaveLength(4);
});

test('429 is waited for as long as the registry asks', async () => {
  const { clock, waits } = virtualClock(Date.parse('2026-01-01T00:00:00Z'));
  await using server = await serve((_, __, nth) => {
    if (nth === 0) return [429, { 'retry-after': '7' }];
    if (nth === 1) return [429, { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' }];
    return stored;
  });
  expect(await server.repository({ clock, random: () => 0 }).manifest('v1')).toBeDefined();
  expect(waits).toEqual([7000, 53_000]);
});

test('429 for an hour is not waited for', async () => {
  await using server = await serve(() => [429, { 'retry-after': '3600' }]);
  const { clock, waits } = virtualClock();
  expect(await codeOf(server.repository({ clock }).manifest('v1'))).toBe('FL2205');
  expect(waits).toEqual([]);
});

test('a manifest with another digest than asked for, or promised, is not taken', async () => {
  await using server = await serve(({ path }) => [
    200,
    { 'docker-content-digest': path.endsWith('v1') ? blob('x').descriptor.digest : '' },
    manifest.bytes,
  ]);
  expect(await codeOf(server.repository().manifest(blob('other').descriptor.digest))).toBe('FL2204');
  expect(await codeOf(server.repository().manifest('v1'))).toBe('FL2204');
  expect(await server.repository().manifest('v2')).toBeDefined();
});

test('a manifest of more than 4 MiB is not read to its end', async () => {
  let sent = 0;
  await using server = await serve(async (_, response) => {
    response.setMaxListeners(0).writeHead(200, { 'content-type': mediaTypes.manifest });
    for (let count = 0; count < 1000 && !response.destroyed; count += 1) {
      sent += 64 * 1024;
      if (!response.write(Buffer.alloc(64 * 1024, ' ')))
        await Promise.race([once(response, 'drain'), once(response, 'close')]);
    }
    response.end();
    return undefined;
  });
  expect(await codeOf(server.repository().manifest('v1'))).toBe('FL2208');
  expect(sent).toBeLessThan(20_000_000);
});

test('a blob of other bytes is refused, and its last bytes are never passed on', async () => {
  const one = randomBlob(1_000_000);
  const wrong = Buffer.from(one.bytes);
  wrong[0]! ^= 1;
  await using server = await serve(() => [200, {}, wrong]);
  let passed = 0;
  const reading = (async () => {
    for await (const chunk of server.repository().readBlob(one.descriptor)) passed += chunk.length;
  })();
  expect(await codeOf(reading)).toBe('FL2204');
  expect(passed).toBeLessThan(one.bytes.length);
});

/** Sends `count` bytes of what was promised and breaks the connection. */
function half(bytes: Buffer, from: number, count: number): Handler {
  return async (_, response) => {
    response.writeHead(from === 0 ? 200 : 206, {
      'content-length': bytes.length - from,
      ...(from > 0 && { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` }),
    });
    response.write(bytes.subarray(from, from + count), () => setTimeout(() => response.destroy(), 20));
    return undefined;
  };
}

test('a download that breaks goes on from where it was, as long as it gets on', async () => {
  const one = randomBlob(900_000);
  await using server = await serve((asked, response, nth) => {
    const from = Number(/\d+/.exec(asked.headers.range ?? '0')![0]);
    if (nth < 8) return half(one.bytes, from, 100_000)(asked, response, nth);
    return [206, { 'content-range': `bytes ${from}-899999/900000` }, one.bytes.subarray(from)];
  });
  expect((await read(server.repository(), one.descriptor)).equals(one.bytes)).toBe(true);
  const ranges = Array.from({ length: 8 }, (_, nth) => `bytes=${nth + 1}00000-`);
  expect(server.asked.map(({ headers }) => headers.range)).toEqual([undefined, ...ranges]);
});

test('a registry that knows no ranges sends all again', async () => {
  const one = randomBlob(900_000);
  await using server = await serve((asked, response, nth) =>
    nth === 0 ? half(one.bytes, 0, 300_000)(asked, response, nth) : [200, {}, one.bytes],
  );
  expect((await read(server.repository(), one.descriptor)).equals(one.bytes)).toBe(true);
});

test('a download that breaks at the same place each time is given up', async () => {
  const one = randomBlob(1000);
  await using server = await serve(half(one.bytes, 0, 0));
  expect(await codeOf(read(server.repository(), one.descriptor))).toBe('FL2206');
  expect(server.asked).toHaveLength(5);
});

test('half a manifest is asked for again', async () => {
  await using server = await serve((asked, response, nth) =>
    nth === 0 ? half(manifest.bytes, 0, 20)(asked, response, nth) : stored,
  );
  expect((await server.repository().manifest('v1'))?.descriptor).toEqual(manifest.descriptor);
});

test('redirects without end are left', async () => {
  await using server = await serve(({ path }) => [307, { location: `${path}x` }]);
  expect(await codeOf(server.repository().hasBlob(manifest.descriptor.digest))).toBe('FL2208');
  expect(server.asked).toHaveLength(6);
});

test.each(['', 'http://', 'ftp://127.0.0.1/x'])('a redirect to %j leads nowhere', async (location) => {
  await using server = await serve(() => [307, location === '' ? {} : { location }]);
  expect(await codeOf(read(server.repository(), manifest.descriptor))).toBe('FL2208');
});

test('what is answered by something else than a registry is said', async () => {
  await using server = await serve(() => [200, { 'content-type': 'text/html' }, '<html>Sign in</html>']);
  expect(await codeOf(server.repository().tags())).toBe('FL2208');
  expect(await codeOf(server.repository().referrers(manifest.descriptor.digest))).toBe('FL2208');
});

test('pages of tags are read to the last, also when they repeat', async () => {
  await using server = await serve(({ path }) =>
    path.includes('last=b')
      ? [200, {}, '{"tags":["c","b"]}']
      : [200, { link: '</v2/team/shop/tags/list?last=b>; rel="next"' }, '{"tags":["b","a"]}'],
  );
  expect(await server.repository().tags()).toEqual(['a', 'b', 'c']);
});

test('pages of referrers are read to the last, and filtered where the registry does not', async () => {
  const [one, two] = ['a/sbom', 'a/proof'].map((artifactType, nth) => ({
    ...blob(`${nth}`, mediaTypes.manifest).descriptor,
    artifactType,
  }));
  const page = (entry: object) => JSON.stringify({ ...JSON.parse(index([]).bytes.toString()), manifests: [entry] });
  await using server = await serve(({ path }) =>
    path.includes('page=2') ? [200, {}, page(two!)] : [200, { link: '<?page=2>; rel="next"' }, page(one!)],
  );
  expect(await server.repository().referrers(manifest.descriptor.digest)).toEqual([one, two]);
  expect(await server.repository().referrers(manifest.descriptor.digest, 'a/proof')).toEqual([two]);
});

test('a registry that hangs before, or in the middle of, its answer is left', async () => {
  const timeouts = { idle: 200 };
  const retry = { attempts: 2 };
  await using silent = await serve(() => undefined);
  expect((await failureOf(silent.repository({ timeouts, retry }).manifest('v1'))).text).toContain('stopped answering');
  expect(silent.asked).toHaveLength(2);
  await using stuck = await serve((_, response) => {
    response.writeHead(200, { 'content-length': 1000 });
    response.write('x');
    return undefined;
  });
  expect((await failureOf(stuck.repository({ timeouts, retry }).manifest('v1'))).text).toContain('stopped answering');
});

test('a registry that takes nothing more of an upload is left', async () => {
  await using server = await serve(
    ({ method }) =>
      method === 'HEAD'
        ? [404]
        : method === 'POST'
          ? [202, { location: '/up/1' }]
          : method === 'GET'
            ? [404]
            : undefined,
    { early: true },
  );
  const one = randomBlob(30_000_000);
  const repository = server.repository({ timeouts: { idle: 300 }, retry: { attempts: 2 }, upload: { mode: 'whole' } });
  expect(await codeOf(write(repository, one))).toBe('FL2206');
});

test('a host that nobody knows, and one that refuses, are told apart', async () => {
  await using server = await serve(() => [200]);
  const { host } = server;
  await server[Symbol.asyncDispose]();
  const { clock } = virtualClock();
  const failure = await failureOf(openRegistry(host, { clock }).repository('a').tags());
  expect(failure).toMatchObject({ code: 'FL2206', text: expect.stringContaining(`${host} refuses the connection`) });
  const unknown = await failureOf(
    openRegistry('registry.invalid', { clock, retry: { attempts: 1 } })
      .repository('a')
      .tags(),
  );
  expect(unknown.code).toBe('FL2206');
  expect(unknown.text).toMatch(/name servers|looked up/);
}, 20_000);

test('an end by a signal is passed on as it is', async () => {
  await using server = await serve(() => undefined);
  const stop = new AbortController();
  const ended = server.repository().manifest('v1', { signal: stop.signal });
  await sleep(50);
  stop.abort(new Error('enough'));
  await expect(ended).rejects.toThrow('enough');
});

test('an end by a signal is not waited for', async () => {
  await using server = await serve(() => [503, { 'retry-after': '200' }]);
  const stop = new AbortController();
  const registry = openRegistry(server.host);
  const ended = registry.repository('a').manifest('v1', { signal: stop.signal });
  await sleep(100);
  stop.abort(new Error('enough'));
  await expect(ended).rejects.toThrow('enough');
});

/** Keeps one upload like a registry; `fault` may answer a request in its place. */
function uploads(
  size: number,
  fault: (asked: { method: string; path: string; body: Buffer }, nth: number) => Answer | undefined,
) {
  let [session, data] = [0, Buffer.alloc(0)];
  const state = { data: () => data, sessions: () => session };
  const handler: Handler = ({ method, path, body, headers }, _, nth) => {
    const answer = fault({ method, path, body }, nth);
    if (answer) return answer;
    const range = data.length === 0 ? '0-0' : `0-${data.length - 1}`;
    const location = `/up/${session}?state=${data.length}`;
    if (method === 'HEAD') return [404];
    if (method === 'POST') {
      [session, data] = [session + 1, Buffer.alloc(0)];
      return [202, { location: `/up/${session}?state=0`, range: '0-0' }];
    }
    if (!path.startsWith(`/up/${session}?`)) return [404];
    if (method === 'GET') return [204, { location, range }];
    if (method === 'PATCH') {
      const [start] = headers['content-range']!.split('-').map(Number);
      if (start !== data.length) return [416, { location, range }];
      data = Buffer.concat([data, body]);
      return [202, { location: `/up/${session}?state=${data.length}`, range: `0-${data.length - 1}` }];
    }
    data = Buffer.concat([data, body]);
    return data.length === size ? [201] : [400];
  };
  return { handler, ...state };
}

const chunked = { upload: { chunkSize: 100_000 } };

test('a large blob is sent in chunks, a small one at once', async () => {
  const one = randomBlob(250_000);
  const { handler, data } = uploads(250_000, () => undefined);
  await using server = await serve(handler);
  await write(server.repository(chunked), one);
  expect(data().equals(one.bytes)).toBe(true);
  expect(server.asked.map(({ method, body }) => `${method} ${body.length}`)).toEqual([
    'HEAD 0',
    'POST 0',
    'PATCH 100000',
    'PATCH 100000',
    'PATCH 50000',
    'PUT 0',
  ]);
  expect(server.asked.at(-1)!.path).toBe(`/up/1?state=250000&digest=${encodeURIComponent(one.descriptor.digest)}`);

  const small = uploads(250_000, () => undefined);
  await using other = await serve(small.handler);
  await write(other.repository(), one);
  expect(other.asked.map(({ method, body }) => `${method} ${body.length}`)).toEqual(['HEAD 0', 'POST 0', 'PUT 250000']);
});

test('the smallest chunk that a registry takes is kept to', async () => {
  const one = randomBlob(250_000);
  const { handler } = uploads(250_000, () => undefined);
  await using server = await serve(async (...all) => {
    const answer = await handler(...all);
    if (answer && all[0].method === 'POST') answer[1] = { ...answer[1], 'oci-chunk-min-length': '200000' };
    return answer;
  });
  await write(server.repository(chunked), one);
  expect(server.asked.map(({ method, body }) => `${method} ${body.length}`).slice(2, 4)).toEqual([
    'PATCH 200000',
    'PATCH 50000',
  ]);
});

test.each<[string, number, Answer, string[]]>([
  ['fails at a chunk', 3, [503], ['PATCH', 'PATCH', 'GET', 'PATCH', 'PATCH', 'PUT']],
  ['loses the upload', 4, [404], ['PATCH', 'PATCH', 'PATCH', 'POST', 'PATCH', 'PATCH', 'PATCH', 'PUT']],
  ['says that it is elsewhere', 3, [416], ['PATCH', 'PATCH', 'GET', 'PATCH', 'PATCH', 'PUT']],
  ['takes no chunks', 2, [405], ['PATCH', 'POST', 'PUT']],
  ['fails at the end', 5, [500], ['PATCH', 'PATCH', 'PATCH', 'PUT', 'GET', 'PUT']],
  ['finds something else at the end', 5, [400], ['PATCH', 'PATCH', 'PATCH', 'PUT', 'POST', 'PUT']],
])('an upload whose registry %s comes to its end', async (_, at, answer, expected) => {
  const one = randomBlob(250_000);
  const { handler, data } = uploads(250_000, (__, nth) => (nth === at ? answer : undefined));
  await using server = await serve(handler);
  await write(server.repository(chunked), one);
  expect(data().equals(one.bytes)).toBe(true);
  expect(server.asked.map(({ method }) => method).slice(2)).toEqual(expected);
});

test('a registry that kept less of a chunk is sent the rest', async () => {
  const one = randomBlob(250_000);
  const { handler, data } = uploads(250_000, () => undefined);
  await using server = await serve((asked, response, nth) =>
    handler(nth === 2 ? { ...asked, body: asked.body.subarray(0, 40_000) } : asked, response, nth),
  );
  await write(server.repository(chunked), one);
  expect(data().equals(one.bytes)).toBe(true);
  expect(server.asked[3]!.headers['content-range']).toBe('40000-139999');
});

test('a registry that loses each upload is given up', async () => {
  await using server = await serve(({ method }) => (method === 'POST' ? [202, { location: '/up' }] : [404]));
  expect(await codeOf(write(server.repository(chunked), randomBlob(250_000)))).toBe('FL2206');
  expect(server.log().filter((line) => line.startsWith('POST'))).toHaveLength(5);
});

test('an upload that breaks at every second chunk comes to its end, however long it is', async () => {
  const one = randomBlob(2_000_000);
  let patches = 0;
  const { handler, data } = uploads(2_000_000, ({ method }) =>
    method === 'PATCH' && patches++ % 2 === 0 ? [503] : undefined,
  );
  await using server = await serve(handler);
  const { clock, waits } = virtualClock();
  await write(server.repository({ ...chunked, clock }), one);
  expect(data().equals(one.bytes)).toBe(true);
  expect(waits).toHaveLength(20);
});

test('the error of the content is told when the registry answers early, too', async () => {
  await using server = await serve(
    ({ method }) => (method === 'HEAD' ? [404] : method === 'POST' ? [202, { location: '/up' }] : [413]),
    { early: true },
  );
  let ended = false;
  async function* open(): ByteStream {
    try {
      for (;;) yield Buffer.alloc(100_000);
    } finally {
      ended = true;
    }
  }
  const { descriptor } = randomBlob(10);
  const work = server.repository().writeBlob({ ...descriptor, size: 50_000_000 }, open);
  expect(['FL2207', 'FL2206']).toContain(await codeOf(work));
  expect(ended).toBe(true);
});

test.each([400, 404, 405, 406, 501])(
  'a registry that answers %d for referrers has them under a tag',
  async (status) => {
    const listed = index([manifest]);
    await using server = await serve(({ path }) => (path.includes('/referrers/') ? [status] : [200, {}, listed.bytes]));
    expect(await server.repository().referrers(manifest.descriptor.digest)).toEqual([manifest.descriptor]);
    expect(server.asked[1]!.path).toBe(`/v2/team/shop/manifests/${manifest.descriptor.digest.replace(':', '-')}`);
  },
);

test('a part of a blob that was not asked for is not taken', async () => {
  const one = randomBlob(900_000);
  await using server = await serve((asked, response, nth) =>
    nth === 0
      ? half(one.bytes, 0, 300_000)(asked, response, nth)
      : [206, { 'content-range': 'bytes 500000-899999/900000' }, one.bytes.subarray(500_000)],
  );
  expect(await codeOf(read(server.repository(), one.descriptor))).toBe('FL2208');
});
