import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { type Answer, httpProber, type SmokeUrl } from '../../pipeline/mod.ts';
import { smokeTest } from '../../pipeline/smoke.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

test.each<[string, SmokeUrl, Answer, string[]]>([
  ['any success will do', { path: '/' }, { status: 204, body: '' }, []],
  ['the status is the one that is named', { path: '/', status: 401 }, { status: 401, body: 'no' }, []],
  ['a wrong status', { path: '/a?b=c' }, { status: 404, body: 'no' }, ['GET /a?b=c answered 404, not 2xx: "no"']],
  ['another success', { path: '/', status: 201 }, { status: 200, body: '' }, ['GET / answered 200, not 201: ""']],
  ['the text is there', { path: '/', contains: 'pot' }, { status: 200, body: 'a teapot' }, []],
  [
    'the text is not there',
    { path: '/', contains: 'pot' },
    { status: 200, body: 'a cup\n::warning::x' },
    ['GET / answered 200 without "pot": "a cup\\n::warning::x"'],
  ],
  [
    'a long answer',
    { path: '/' },
    { status: 500, body: 'x'.repeat(999) },
    [`GET / answered 500, not 2xx: "${'x'.repeat(200)}"`],
  ],
  ['no answer', { path: '/' }, { failure: 'refused' }, ['GET / did not answer: refused']],
  ['a redirect that is expected', { path: '/', status: 302 }, { status: 302, body: '', location: '/b' }, []],
  [
    'a redirect to nowhere',
    { path: '/' },
    { status: 302, body: '', location: 'http://[' },
    ['GET / answered 302, not 2xx: ""'],
  ],
  ['in circles', { path: '/' }, { status: 302, body: '', location: '/' }, ['GET / redirects more than 5 times']],
  [
    'to another host',
    { path: '/' },
    { status: 302, body: '', location: '//evil.test/' },
    ['GET / leads to another host, evil.test'],
  ],
])('%s', async (_what, url, answer, expected) => {
  const { wrong, asked } = await probe([url], () => answer);
  expect(wrong).toEqual(expected);
  expect(asked.every((one) => one.startsWith('http://shop.test/'))).toBe(true);
});

test('redirects within the host are followed', async () => {
  const { wrong } = await probe([{ path: '/old', contains: 'new' }], (url) =>
    url === 'http://shop.test/new?x' ? { status: 200, body: 'new' } : { status: 308, body: '', location: '/new?x' },
  );
  expect(wrong).toEqual([]);
});

test('each is asked again until it answers as it should, or the time is over', async () => {
  let tries = 0;
  const late = await probe([{ path: '/' }], () =>
    ++tries < 4 ? { status: 503, body: '' } : { status: 200, body: '' },
  );
  expect([late.wrong, late.asked.length, late.waited]).toEqual([[], 4, 3000]);
  const never = await probe([{ path: '/' }, { path: '/good' }], (url) => ({
    status: url.endsWith('good') ? 200 : 503,
    body: '',
  }));
  expect(never.wrong).toEqual(['GET / answered 503, not 2xx: ""']);
  expect(never.waited).toBeLessThanOrEqual(5000);
  expect(never.asked.filter((url) => url.endsWith('good'))).toHaveLength(1);
});

test('over the network: the status, the beginning of the body, and where a redirect leads', async () => {
  const url = await listen((request, response) => {
    if (request.url === '/moved') return response.writeHead(301, { location: '/elsewhere' }).end();
    if (request.url === '/endless') {
      response.writeHead(200);
      const more = () => {
        while (response.write('x'.repeat(65_536)));
        response.once('drain', more);
      };
      return more();
    }
    return response.writeHead(418).end(`no ${request.headers.authorization ?? 'credentials'}`);
  });
  expect(await httpProber.get(`${url}/`, 5000)).toEqual({ status: 418, body: 'no credentials' });
  expect(await httpProber.get(`${url}/moved`, 5000)).toEqual({ status: 301, body: '', location: '/elsewhere' });
  const endless = await httpProber.get(`${url}/endless`, 5000);
  expect(endless).toEqual({ status: 200, body: 'x'.repeat(256 * 1024) });
});

test('over the network: nobody there, silence, and a connection that is cut', async () => {
  const silent = await listen(() => {});
  const cut = await listen((request) => request.socket.destroy());
  expect(await httpProber.get(silent, 50)).toEqual({ failure: 'nothing came within 50 ms' });
  expect(await httpProber.get(cut, 5000)).toEqual({ failure: expect.any(String) });
  expect(await httpProber.get('http://127.0.0.1:1/', 5000)).toEqual({ failure: expect.any(String) });
});

async function probe(urls: SmokeUrl[], answer: (url: string) => Answer) {
  const asked: string[] = [];
  let [now, waited] = [0, 0];
  const prober = {
    get: async (url: string) => {
      asked.push(url);
      return answer(url);
    },
    wait: async (milliseconds: number) => {
      now += milliseconds;
      waited += milliseconds;
    },
  };
  const clock = { now: () => new Date(now) };
  const wrong = await smokeTest('http://shop.test', { urls, timeout: 5000 }, { prober, clock });
  return { wrong, asked, waited };
}

async function listen(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
