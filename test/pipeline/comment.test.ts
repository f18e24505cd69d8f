import { expect, test } from '@jest/globals';
import {
  type CommentContent,
  commentMarker,
  type Graph,
  makePlan,
  parseConfig,
  parseEnvironment,
  renderComment,
  renderMermaid,
  settingsFor,
} from '../../pipeline/mod.ts';
import { topic, use } from '../support/graph.ts';
import { at, endpoint, migrations, sampleGraph, sampleRelease, service, subscription } from './sample-graph.ts';

const config = parseConfig('{}', 'fairlead.json');
const pr = parseEnvironment('shop', 'pr-1');
const production = parseEnvironment('shop', 'production');

const shop = sampleGraph({
  services: [
    service('analytics', { subscriptions: [subscription('daily', 'order-created')] }),
    service('orders', { endpoints: [endpoint('create')] }),
  ],
  databases: [migrations('orders', 'create')],
  topics: [topic('order-created', { position: at('orders/topic.ts') })],
  cronJobs: [
    {
      name: 'tidy',
      when: { every: 60_000 },
      endpoint: { service: 'orders', endpoint: 'create' },
      service: 'orders',
      position: at('orders/cron.ts'),
    },
  ],
  secrets: [{ name: 'MailKey', position: at('orders/mail.ts') }],
  uses: [
    use('analytics', { kind: 'endpoint', service: 'orders', name: 'create' }, ['call'], at('analytics/daily.ts', 9)),
    use('orders', { kind: 'database', name: 'orders' }, ['query'], at('orders/api.ts', 7)),
  ],
});

const links = {
  repository: 'https://github.com/acme/shop',
  commit: '6f1c2ab94e0d7735c1b8a2f0e9d4c3b2a1908f7e',
  directory: './backend',
  run: 'https://github.com/acme/shop/actions/runs/4711',
};

test('the first lines say where it is, of which commit and release, when, and how long it took', () => {
  const content = deployed(shop, shop, { at: '2026-03-04T09:12:30.000Z', milliseconds: 42_000, links }, links.commit);
  expect(renderComment(content)).toBe(`<!-- fairlead:preview shop -->

🟢 **The preview of \`shop\`** is up at **<http://127.0.0.1:4001>**\\
<sub>commit [\`6f1c2ab\`](https://github.com/acme/shop/commit/${links.commit}) · release \`${sampleRelease(shop).digest.slice(7, 19)}\` · 4 Mar 2026, 09:12 UTC · took 42.0 s · [log](https://github.com/acme/shop/actions/runs/4711)</sub>

Merging changes no infrastructure, permissions or migrations of production.
`);
});

test('what a change says: a picture of it, then resources, migrations and permissions, each with its place', () => {
  const before = { ...shop, databases: [], uses: [], secrets: [] };
  const text = renderComment(deployed(shop, before, { links }));
  const [open, folded] = text.split('<details>\n<summary>Images');
  const at = (file: string, line: number) =>
    `[\`${file}:${line}\`](https://github.com/acme/shop/blob/${links.commit}/backend/${file}#L${line})`;
  expect(open!.slice(open!.indexOf('####'))).toBe(`#### What merging changes in production

\`\`\`mermaid
flowchart LR
  service0["analytics<br/>service"]:::same
  service1["orders<br/>service"]:::same
  database2[("orders<br/>new database")]:::new
  service0 -- "create" --> service1
  service1 -- "query" --> database2
  classDef new fill:#2da44e40,stroke:#2da44e,stroke-width:2px
  classDef same fill:#8b949e1f,stroke:#8b949e
  linkStyle 0 stroke:#2da44e,stroke-width:2px
  linkStyle 1 stroke:#2da44e,stroke-width:2px
\`\`\`

<sub>Green is new, grey stays as it is.</sub>

**Resources** · 2 added

- database orders is added (${at('orders/db.ts', 1)})
- secret MailKey is added (${at('orders/mail.ts', 1)})

**Migrations** · 1 on new databases

| migration | database | safety | rollback |
| --- | --- | --- | --- |
| [\`1_create\`](https://github.com/acme/shop/blob/${links.commit}/backend/orders/migrations/1_create.up.sql#L1) | \`orders\` | 🟢 on a new database | possible: no code knew it before |

**Permissions** · 2 gained

- service analytics may now call endpoint orders.create (${at('analytics/daily.ts', 9)})
- service orders may now query database orders (${at('orders/api.ts', 7)})

`);
  expect(folded).toContain('<summary>The whole application</summary>');
  expect(folded).toContain(renderMermaid(shop));
  expect(folded).toContain(`| \`orders\` | query | database \`orders\` | ${at('orders/api.ts', 7)} |`);
});

test('where nobody knows the repository, places are code', () => {
  const text = renderComment(deployed(shop, { ...shop, databases: [], uses: [] }));
  expect(text).toContain('- database orders is added (`orders/db.ts:1`)\n');
});

test('the first preview says what production will have, and folds the list of it', () => {
  const text = renderComment(deployed(shop));
  expect(text).toContain(
    '#### Merging creates production\n\nNothing runs there yet. It will have 2 services, 1 database',
  );
  expect(text).toContain(renderMermaid(shop));
  expect(text).toContain('<summary>Everything that is new</summary>');
  expect(text).not.toContain('[!WARNING]');
});

test('migrations say how safe they are, and unsafe ones stand out', () => {
  const after = { ...shop, databases: [migrations('orders', 'create', 'widen', 'drop!')] };
  const text = renderComment(deployed(after, shop));
  expect(text).toContain(`> [!WARNING]
> A rollback does not bring this back:
>
> - migration 3\\_drop runs on database orders (\`orders/migrations/3_drop.up.sql:1\`): drop drops a column`);
  expect(text).toContain('| `2_widen` | `orders` | 🟢 additive | possible: old code lives with it |');
  expect(text).toContain(
    '| `3_drop` | `orders` | 🔴 **destructive**: drop drops a column | **not possible** to a release before it |',
  );
});

test('what goes away is in the picture too', () => {
  const before = { ...shop, topics: [...shop.topics, topic('old-news', { position: at('orders/old.ts') })] };
  const text = renderComment(deployed(shop, before));
  expect(text).toContain('{{"old-news');
  expect(text).toContain('<br/>topic, removed"}}:::removed');
  expect(text).toContain('Red and dashed goes away.');
  expect(text).toContain('- topic old\\-news is removed ⚠️');
});

test('a change of endpoints alone needs no picture', () => {
  const [analytics, orders] = shop.services;
  const more = { ...orders!, endpoints: [...orders!.endpoints, endpoint('get')] };
  const open = renderComment(deployed({ ...shop, services: [analytics!, more] }, shop)).split('<details>')[0];
  expect(open).toContain('endpoint orders.get');
  expect(open).not.toContain('mermaid');
});

test('a cost is shown where somebody knows prices, and no number is made up', () => {
  const cost = { currency: 'USD', before: 41.2, after: 48.7, source: 'list prices' };
  expect(renderComment(deployed(shop, shop))).not.toContain('Cost');
  expect(renderComment(deployed(shop, shop, { cost }))).toContain(
    '**Cost of production** · 48.70 USD a month, 7.50 USD more than now (`list prices`)',
  );
});

test('a failure says what failed and why, with codes, and that the former release answers', () => {
  const diagnostics = [
    {
      code: 'FL4010',
      severity: 'error',
      message: 'the secret K has no value',
      help: 'Set it with `fairlead secret set K`.',
      position: at('a.ts', 3),
    },
  ] as const;
  const phases = [{ title: 'Start processes', milliseconds: 700, failed: true }];
  const text = renderComment({ state: 'failed', environment: pr, diagnostics, url: 'http://127.0.0.1:4001', phases });
  expect(text.split('<details>')[0]).toBe(
    `<!-- fairlead:preview shop -->

🔴 **The preview of \`shop\`** could not be updated: \`Start processes\` failed\\
<sub>took 700 ms</sub>

**FL4010** the secret K has no value (\`a.ts:3\`). Set it with \`fairlead secret set K\`.

The former release still answers at **<http://127.0.0.1:4001>**.

`,
  );
});

test('a release that is up although it failed is not called the former one', () => {
  const text = renderComment({ state: 'failed', environment: pr, diagnostics: [], url: 'http://x.test', isUp: true });
  expect(text).toContain('What failed is up all the same, for you to look at: **<http://x.test>**.');
  expect(text).not.toContain('former');
});

test('a bug says nothing of itself: it could hold a secret', () => {
  const text = renderComment({ state: 'failed', environment: pr, diagnostics: [] });
  expect(text).toContain('Something unexpected stopped it');
});

test('while it is being updated, the former release keeps its place', () => {
  expect(renderComment({ state: 'started', environment: pr, url: 'http://127.0.0.1:4001', links })).toBe(
    `<!-- fairlead:preview shop -->

🟡 **The preview of \`shop\`** is being updated to [\`6f1c2ab\`](https://github.com/acme/shop/commit/${links.commit})\\
<sub>[log](https://github.com/acme/shop/actions/runs/4711)</sub>

The former release still answers at **<http://127.0.0.1:4001>**.
`,
  );
});

test('a removal says what was removed, what is left of it, and what it saves', () => {
  const marker = commentMarker('shop');
  expect(renderComment({ state: 'removed', environment: pr, left: [] })).toBe(
    `${marker}\n\n⚪ **The preview of \`shop\`** is removed\n`,
  );
  const removed = ['processes', 'database shop_a', 'database shop_b', 'files in /srv/shop'];
  const saved = { currency: 'EUR', amount: 9.3, source: 'list prices' };
  const text = renderComment({ state: 'removed', environment: pr, removed, left: [], saved });
  expect(text).toContain('Removed: processes, 2 databases and files.');
  expect(text).toContain('| database | `shop_b` |');
  expect(text).toContain('Saves 9.30 EUR a month (`list prices`).');
  const left = renderComment({ state: 'removed', environment: pr, left: [{ what: 'db `x`', why: 'in use' }] });
  expect(left).toContain('🔴 **The preview of `shop`** is not removed completely');
  expect(left).toContain('> - <code>db &#96;x&#96;</code>: in use');
});

test('a picture of too much shows less and says so', () => {
  const calls = (count: number) => {
    const services = Array.from({ length: count }, (_, index) => service(`s${index}`));
    const hub = service('hub');
    const uses = services.map(({ name }) => use(name, { kind: 'endpoint', service: 'hub', name: 'x' }, ['call']));
    return sampleGraph({ services: [hub, ...services], uses });
  };
  const few = calls(50);
  const secret = use('hub', { kind: 'secret', name: 'Key' }, ['read']);
  const oneMore = { ...few, secrets: [{ name: 'Key', position: at('a.ts') }], uses: [...few.uses, secret] };
  const withNeighbours = renderComment(deployed(oneMore, few));
  expect(withNeighbours).toContain('Left out: what stays as it is.');
  const gone = { ...few, services: few.services.slice(1), uses: [] };
  expect(renderComment(deployed(gone, few))).toContain('Left out: everything but the changed services.');
  const nothing = { ...few, services: [], uses: [] };
  expect(renderComment(deployed(nothing, few))).toContain('More services change than a picture could show.');
});

function deployed(
  after: Graph,
  before?: Graph,
  parts: Partial<Extract<CommentContent, { state: 'deployed' }>> = {},
  commit?: string,
): CommentContent {
  const release = sampleRelease(after, commit);
  const plan = makePlan({ release, environment: pr, settings: settingsFor(config, pr) });
  const merged = makePlan({
    release,
    environment: production,
    settings: settingsFor(config, production),
    ...(before && { deployed: sampleRelease(before) }),
  });
  return {
    state: 'deployed',
    plan,
    url: 'http://127.0.0.1:4001',
    production: merged,
    ...(before && { before }),
    refusals: [],
    recreated: [],
    ...parts,
  };
}

test('the error that a process ended with is shown, however much it wrote before', () => {
  const sentence = 'the process main is not healthy: it ended with code 1; the preview is what it was';
  const noise = Array.from({ length: 6 }, (_, index) => `  {"level":"info","message":"${'n'.repeat(200)} ${index}"}`);
  const error = [
    '  Error: the card reader has no address',
    '      at start (/images/orders/orders.ts:5:42)',
    '  Node.js v24.21.0',
  ];
  const shown = (output: string[]) => {
    const message = [sentence, ...output].join('\n');
    const diagnostics = [{ code: 'FL4008' as const, severity: 'error' as const, message, help: 'Mend it.' }];
    return renderComment({ state: 'failed', environment: pr, diagnostics });
  };
  const text = shown([...noise, '  /images/main.mjs:2', ...error]);
  expect(text).toContain(
    'it ended with code 1; the preview is what it was Error: the card reader has no address at start',
  );
  expect(text).not.toContain('nnn');
  expect(shown(noise)).toMatch(/the preview is what it was …n+ 4.*n+ 5/);
  expect(shown([`  TypeError: ${'t'.repeat(9_000)}`]).length).toBeLessThan(1_500);
});
