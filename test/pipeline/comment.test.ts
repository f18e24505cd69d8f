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

test('what a deployed preview says', () => {
  const before = { ...shop, databases: [], uses: [], secrets: [] };
  expect(renderComment(deployed(shop, before))).toBe(`<!-- fairlead:preview -->

### \`pr-1\` of \`shop\` is running

**<http://127.0.0.1:4001>** · release \`${sampleRelease(shop).digest.slice(7, 19)}\`

#### What merging changes in production

- ➕ database orders is added (\`orders/db.ts:1\`)
- ➕ migration 1\\_create runs on database orders (\`orders/migrations/1_create.up.sql:1\`)
- ➕ secret MailKey is added (\`orders/mail.ts:1\`)
- ➕ service analytics may now call endpoint orders.create (\`analytics/daily.ts:9\`)
- ➕ service orders may now query database orders (\`orders/api.ts:7\`)

<details>
<summary>Infrastructure</summary>

\`\`\`mermaid
${renderMermaid(shop)}
\`\`\`

</details>

<details>
<summary>Permissions (3)</summary>

| service | may | what | because of |
| --- | --- | --- | --- |
| \`analytics\` | call | endpoint \`orders.create\` | \`analytics/daily.ts:9\` |
| \`analytics\` | consume | subscription \`order-created → daily\` | \`daily/daily.ts:1\` |
| \`orders\` | query | database \`orders\` | \`orders/api.ts:7\` |

</details>
`);
});

test('unsafe migrations stand out', () => {
  const after = { ...shop, databases: [migrations('orders', 'create', 'drop!')] };
  expect(renderComment(deployed(after, shop))).toContain(`> [!WARNING]
> Merging this cannot be undone by a rollback, or loses something:
> - migration 2\\_drop runs on database orders (\`orders/migrations/2_drop.up.sql:1\`): drop drops a column`);
});

test('a failure says why, with codes, and that the former release answers', () => {
  const diagnostics = [
    {
      code: 'FL4010',
      severity: 'error',
      message: 'the secret K has no value',
      help: 'Give it one.',
      position: at('a.ts', 3),
    },
  ] as const;
  expect(renderComment({ state: 'failed', environment: pr, diagnostics, url: 'http://127.0.0.1:4001' })).toBe(
    `<!-- fairlead:preview -->

### \`pr-1\` of \`shop\` could not be updated

- **FL4010** the secret K has no value (\`a.ts:3\`). Give it one.

The former release still answers at **<http://127.0.0.1:4001>**.
`,
  );
});

test('a bug says nothing of itself: it could hold a secret', () => {
  const text = renderComment({ state: 'failed', environment: pr, diagnostics: [] });
  expect(text).toContain('Something unexpected stopped it');
});

test('a removal says so, and what is left of it', () => {
  expect(renderComment({ state: 'removed', environment: pr, left: [] })).toBe(
    `${commentMarker}\n\n### \`pr-1\` of \`shop\` is removed\n`,
  );
  expect(renderComment({ state: 'removed', environment: pr, left: [{ what: 'db `x`', why: 'in use' }] })).toContain(
    '- `` db `x` ``: in use',
  );
});

test('nothing that an application calls itself means anything to Markdown', () => {
  const evil = '</details> @everyone [x](http://e.test) | `a` <img src=x> #1\n\n# big';
  const text = renderComment(deployed(sampleGraph({ services: [service(evil)] })));
  const line = text.split('\n').find((one) => one.startsWith('- ➕'));
  expect(line).toBe(
    '- ➕ service \\</details\\> @\u200beveryone \\[x\\]\\(http://e.test\\) \\| \\`a\\` \\<img src=x\\> \\#1 \\# big is added (`` </details> @everyone [x](http://e.test) \\| `a` <img src=x> #1 # big/encore.service.ts:1 ``)',
  );
});

test('however big the application, the comment fits, and says what it left out', () => {
  const services = Array.from({ length: 3000 }, (_, index) => service(`service-${index}`.padEnd(200, 'x')));
  const text = renderComment(deployed(sampleGraph({ services })));
  expect(text.length).toBeLessThanOrEqual(64_000);
  expect(text).toContain('… and 2940 more');
  expect(text).toContain('_Left out for length: the graph._');
});

function deployed(after: Graph, before?: Graph): CommentContent {
  const release = sampleRelease(after);
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
    productionExists: before !== undefined,
    refusals: [],
    recreated: [],
  };
}
