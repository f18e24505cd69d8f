import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { renderHtml } from '../../pipeline/render/html.ts';
import { viewOf } from '../../pipeline/render/view.ts';
import { chromium, openPage, type Page } from '../support/browser.ts';
import { generatedGraph } from '../support/generated-graph.ts';
import * as built from '../support/graph.ts';

const large = generatedGraph(40);
const page = await renderHtml(large);

const attack = '</script><script>alert(1)</script><img src=x onerror=alert(1)>"\'';
const attacked = built.graph({
  application: attack,
  services: [built.service(attack, { endpoints: [built.endpoint(attack, { path: `/${attack}`, exposed: true })] })],
  databases: [built.database(attack, attack, [], { file: attack, line: 1, column: 1 })],
  secrets: [{ name: attack, position: built.position }],
  uses: [
    built.use(attack, { kind: 'secret', name: attack }, ['read']),
    built.use(attack, { kind: 'database', name: attack }, ['read']),
  ],
});

function dataOf(html: string) {
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!);
}

test('the page knows each node with its details', () => {
  const data = dataOf(page);
  const ids = viewOf(large).nodes.map(({ id }) => id);
  expect(data.nodes.map(({ id }: { id: string }) => id)).toEqual(ids);
  expect(ids.filter((id) => data.details[id] === undefined)).toEqual([]);
});

test('the details of a service: endpoints, permissions, callers, each with its place', () => {
  const graph = built.graph({
    services: [
      built.service('orders', {
        endpoints: [built.endpoint('get', { methods: ['GET'], path: '/orders/:id', exposed: true, auth: true })],
      }),
      built.service('mail'),
    ],
    uses: [
      {
        ...built.use('orders', { kind: 'database', name: 'orders' }, ['read']),
        tables: [{ name: 'items', operations: ['read'] }],
      },
      built.use('mail', { kind: 'endpoint', service: 'orders', name: 'get' }, ['call'], {
        file: 'mail/mail.ts',
        line: 7,
        column: 3,
      }),
    ],
  });
  return renderHtml(graph).then((html) =>
    expect(dataOf(html).details['service:orders']).toEqual([
      { title: 'Declared', rows: [{ text: 'test.ts:1' }] },
      {
        title: 'Endpoints',
        rows: [{ tag: 'GET', text: '/orders/:id', note: 'get, public, auth', place: 'test.ts:1' }],
      },
      {
        title: 'May',
        rows: [
          { tag: 'read', text: 'database orders', place: 'test.ts:1' },
          { text: 'table items', note: 'read' },
        ],
      },
      { title: 'Called by', rows: [{ text: 'mail', note: 'get', place: 'mail/mail.ts:7' }] },
    ]),
  );
});

test('the page is one file: it names no other', () => {
  expect(page).not.toMatch(/\b(?:src|href)=|url\((?!#)|@import|https?:/);
});

test('its policy allows its own script and style and nothing else', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const script = /<script>(.*?)<\/script>/s.exec(page)![1]!;
  const style = /<style>(.*?)<\/style>/s.exec(page)![1]!;
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  expect(page).not.toMatch(/\sstyle="/);
});

test('no name becomes markup', async () => {
  const html = await renderHtml(attacked);
  expect(html.match(/<script/g)).toHaveLength(2);
  expect(html).not.toContain('<img');
  expect(dataOf(html).details[`service:${attack}`][1].rows[0].text).toBe(`/${attack}`);
});

test('the same bytes twice', async () => {
  expect(await renderHtml(structuredClone(large))).toBe(page);
});

const describeWithBrowser = chromium === undefined ? describe.skip : describe;

describeWithBrowser('in a browser', () => {
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-page-'));
  let opened: Page;
  let text: (id: string) => Promise<unknown>;

  const open = async (html: string) => {
    const file = join(directory, `${createHash('sha256').update(html).digest('hex')}.html`);
    writeFileSync(file, html);
    return openPage(chromium!, file);
  };
  beforeAll(async () => {
    opened = await open(page);
    text = (selector) => opened.evaluate(`document.querySelector(${JSON.stringify(selector)})?.textContent ?? null`);
  });
  afterAll(async () => {
    await opened.close();
    rmSync(directory, { recursive: true, force: true });
  });

  test('a search finds names and paths, and its choice opens the details', async () => {
    await opened.evaluate(`search.value = 'delivery-accounts/0'; search.dispatchEvent(new Event('input'))`);
    expect(await opened.evaluate('results.querySelectorAll("button").length')).toBe(1);
    await opened.evaluate('results.querySelector("button").click()');
    expect(await text('#details h2')).toBe('delivery-accounts');
    expect(await text('#details')).toContain('GET/delivery-accounts/0/:id');
    expect(await text('#details')).toContain('delivery-accounts/delivery-accounts.ts:10');
    const visible = await opened.evaluate(`(() => {
      const [box, frame] = ['.card.chosen', '#picture'].map((one) => document.querySelector(one).getBoundingClientRect());
      return box.left > frame.left && box.right < frame.right && box.top > frame.top && box.bottom < frame.bottom;
    })()`);
    expect(visible).toBe(true);
  });

  test('what is chosen stands out with its neighbours, until Escape', async () => {
    const [edge] = viewOf(large).edges.filter(({ kind }) => kind === 'call');
    const near = (id: string) =>
      opened.evaluate(`document.querySelector('[data-node="${id}"]').classList.contains('near')`);
    await opened.evaluate(
      `document.querySelector('[data-node="${edge!.from}"]').dispatchEvent(new MouseEvent('click', { bubbles: true }))`,
    );
    expect([await near(edge!.from), await near(edge!.to)]).toEqual([true, true]);
    expect(await opened.evaluate('picture.classList.contains("focused")')).toBe(true);
    await opened.evaluate(`dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))`);
    expect(await opened.evaluate('[picture.classList.contains("focused"), details.hidden]')).toEqual([false, true]);
  });

  test('zoom and colour scheme follow their buttons', async () => {
    const scale = async () =>
      Number(/scale\(([\d.]+)\)/.exec(String(await opened.evaluate('stage.getAttribute("transform")')))![1]);
    const before = await scale();
    await opened.evaluate('document.getElementById("in").click()');
    expect(await scale()).toBeCloseTo(before * 1.25, 5);
    const background = () => opened.evaluate('getComputedStyle(document.body).backgroundColor');
    const first = await background();
    await opened.evaluate('theme.click()');
    expect(await background()).not.toBe(first);
  });

  test('no text runs out of its card', async () => {
    const outside = await opened.evaluate(`[...document.querySelectorAll('.card')].flatMap((card) => {
      const box = card.querySelector('.box').getBoundingClientRect();
      return [...card.querySelectorAll('text')].filter((text) => {
        const { left, right } = text.getBoundingClientRect();
        return left < box.left || right > box.right;
      }).map((text) => text.textContent);
    })`);
    expect(outside).toEqual([]);
  });

  test('the browser has nothing to complain about, not even with hostile names', async () => {
    const hostile = await open(await renderHtml(attacked));
    await hostile.evaluate(
      `document.querySelector('[data-node^="service:"]').dispatchEvent(new MouseEvent('click', { bubbles: true }))`,
    );
    expect(await hostile.evaluate('document.querySelector("#details h2").textContent')).toBe(attack);
    expect(await hostile.evaluate('document.images.length')).toBe(0);
    expect([...hostile.complaints, ...opened.complaints]).toEqual([]);
    await hostile.close();
  });
});
