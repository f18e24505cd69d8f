import { expect, test } from '@jest/globals';
import {
  type Cleaned,
  makePlan,
  parseConfig,
  parseEnvironment,
  previewEnvironment,
  renderSummary,
  type SummaryContent,
  settingsFor,
  shortDigest,
} from '../../pipeline/mod.ts';
import { migrations, sampleGraph, sampleRelease, service } from './sample-graph.ts';

const config = parseConfig('{}', 'fairlead.json');
const production = parseEnvironment('shop', 'production');
const preview = previewEnvironment('shop', 7);
const shop = sampleGraph({ services: [service('orders')], databases: [migrations('orders', 'create')] });
const former = sampleRelease(sampleGraph({ services: [service('orders')] }), 'a'.repeat(40));
const release = sampleRelease(shop, 'b'.repeat(40));
const plan = makePlan({
  release,
  environment: production,
  settings: settingsFor(config, production),
  deployed: former,
});
const outcome = {
  url: 'https://shop.example.com',
  release: release.digest,
  started: ['orders'],
  kept: ['gateway'],
  migrations: [{ database: 'orders', version: 1, name: 'create', milliseconds: 12 }],
};
const links = { repository: 'https://github.com/acme/shop', run: 'https://github.com/acme/shop/actions/runs/1' };
const rolledBack = {
  environment: production,
  action: 'rollback' as const,
  status: 'success' as const,
  release: former.digest,
  reason: 'orders are lost',
  at: '2026-03-04T09:12:30.000Z',
};

test('a promotion says where it is, why it may be there, what it changes, and how to go back', () => {
  const text = renderSummary({
    of: 'promote',
    environment: production,
    result: {
      kind: 'deployed',
      plan,
      outcome,
      provenBy: 'pr-7',
      reviewed: { kind: 'seen', by: 'pr-7', already: [] },
      milliseconds: { build: 3000, apply: 4000 },
    },
    phases: [
      { title: 'Take over', milliseconds: 3000 },
      { title: 'Start', milliseconds: 1500, depth: 1 },
    ],
    links,
  });
  expect(text.split('<details>')[0]).toBe(`🟢 **\`production\` of \`shop\`** is up at **<https://shop.example.com>**\\
<sub>commit [\`bbbbbbb\`](https://github.com/acme/shop/commit/${'b'.repeat(40)}) · release \`${shortDigest(release.digest)}\` · took 7.0 s · [log](https://github.com/acme/shop/actions/runs/1)</sub>

**Proof** · \`pr-7\` has run this very release. Its reviewers saw all that changes here, in \`pr-7\`.

**Started** · \`orders\`\\
**Left alone, as nothing of theirs changed** · \`gateway\`\\
**Migrations that ran** · \`orders 1_create\`

**Resources** · 1 added

- database orders is added (\`orders/db.ts:1\`)

**Migrations** · 1 on new databases

| migration | database | safety | rollback |
| --- | --- | --- | --- |
| \`1_create\` | \`orders\` | 🟢 on a new database | possible: no code knew it before |

`);
  expect(text).toContain('run the rollback workflow: it brings back the release before.');
  expect(text.slice(text.indexOf('**Times**'))).toBe(`**Times**

| phase | time |  |
| --- | ---: | --- |
| Take over | 3.0 s | ████████████████████████ |
| &nbsp;&nbsp;&nbsp;&nbsp;Start | 1.5 s | ████████████ |
`);
});

test('after migrations that older code cannot live with, no rollback is promised', () => {
  const next = sampleRelease(sampleGraph({ ...shop, databases: [migrations('orders', 'create', 'drop!')] }));
  const settings = settingsFor(config, production);
  const result = {
    kind: 'deployed' as const,
    plan: makePlan({ release: next, environment: production, settings, deployed: release }),
    outcome,
    reviewed: { kind: 'accepted' as const },
    milliseconds: { build: 1, apply: 1 },
  };
  const text = renderSummary({ of: 'promote', environment: production, result });
  expect(text).toContain('Else merge a fix');
  expect(text).not.toContain('rollback workflow');
});

test('a rollback says from which release to which, that the schema was checked, and how the hold ends', () => {
  const done = {
    kind: 'rolled-back' as const,
    from: former.digest,
    fromSource: former.source,
    plan,
    missingSecrets: [],
  };
  const text = renderSummary({ of: 'rollback', environment: production, result: { ...done, outcome }, links });
  expect(text).toContain(`| from | \`${shortDigest(former.digest)}\` | [\`aaaaaaa\`]`);
  expect(text).toContain(`| to | \`${shortDigest(release.digest)}\` | [\`bbbbbbb\`]`);
  expect(text).toContain('**Schema** · checked');
  expect(text).toContain('**Hold** · Merges after this do not reach `production` until somebody resumes.');
  const planned = renderSummary({
    of: 'rollback',
    environment: production,
    result: { ...done, kind: 'planned', missingSecrets: ['MailKey'] },
  });
  expect(planned).toContain('can be rolled back; nothing has changed yet');
  expect(planned).toContain('These secrets have no value, so it will be refused: `MailKey`');
  expect(planned).not.toContain('**Hold**');
});

test('what is held says since when, why, and how it goes on', () => {
  const text = renderSummary({ of: 'promote', environment: production, result: { kind: 'held', by: rolledBack } });
  expect(text).toBe(`🟡 **\`production\` of \`shop\`** is on hold since 4 Mar 2026, 09:12 UTC; nothing was changed

It was rolled back to release \`${shortDigest(former.digest)}\`, because: orders are lost.

**What to do next** · When the fix is merged, run the rollback workflow with the action \`resume\`. The next run then goes through.
`);
});

test('a cleanup shows what became of each preview, what needs somebody first', () => {
  const unwanted = {
    wanted: false as const,
    why: 'closed' as const,
    message: 'pull request 8 is closed',
    help: 'Reopen it.',
  };
  const cleaned = (number: number, kind: Cleaned['kind'], parts: Partial<Cleaned> = {}): Cleaned => {
    return { environment: previewEnvironment('shop', number), kind, removed: [], left: [], ...parts };
  };
  const results = [
    cleaned(7, 'kept'),
    cleaned(8, 'removed', { unwanted, removed: ['database shop_a', 'database shop_b', 'processes'] }),
    cleaned(9, 'left', { unwanted, left: [{ what: 'database c', why: 'it is in use' }] }),
  ];
  const saved = { currency: 'USD', amount: 12, source: 'list prices' };
  const text = renderSummary({ of: 'cleanup', results, dryRun: false, saved });
  expect(text).toContain('🔴 **1 preview removed**, 1 kept, 1 not removed completely');
  expect(text).toContain('> - `pr-9 of shop: database c`: it is in use');
  expect(text.split('\n').filter((line) => line.startsWith('| `'))).toEqual([
    '| `shop` | `pr-9` | 🔴 **not removed completely** | pull request 8 is closed |  |',
    '| `shop` | `pr-8` | ⚪ removed | pull request 8 is closed | 2 databases and processes |',
    '| `shop` | `pr-7` | 🟢 stays | its pull request is open |  |',
  ]);
  expect(text).toContain('Saves 12.00 USD a month');
  const dry = renderSummary({ of: 'cleanup', results: [cleaned(8, 'removable', { unwanted })], dryRun: true });
  expect(dry).toContain('🟡 **1 preview would be removed**, 0 kept');
  expect(dry).toContain('Run the cleanup workflow again without dry run.');
});

test.each<[string, SummaryContent, string]>([
  [
    'superseded preview',
    { of: 'preview', environment: preview, result: { kind: 'superseded', head: 'c'.repeat(40) } },
    '⚪ **The preview of `shop`** was left alone: the pull request is at `ccccccc` by now',
  ],
  [
    'superseded promotion',
    {
      of: 'promote',
      environment: production,
      result: { kind: 'superseded', by: { release: former.digest, commit: 'c'.repeat(40) } },
    },
    'was left alone: it runs the later commit `ccccccc`',
  ],
  [
    'resume',
    { of: 'resume', environment: production, result: { kind: 'resumed', rollback: rolledBack } },
    'is no longer on hold, as it was since 4 Mar 2026, 09:12 UTC',
  ],
  [
    'resume of what is not held',
    { of: 'resume', environment: production, result: { kind: 'not-held' } },
    'was not on hold',
  ],
  [
    'draft',
    { of: 'skipped', message: 'pull request 7 is a draft', help: 'Mark it as ready for review.' },
    '⚪ **Skipped**: pull request 7 is a draft.\n\n**What to do next** · Mark it as ready for review.',
  ],
  [
    'failure',
    {
      of: 'failed',
      action: 'promote',
      environment: production,
      diagnostics: [{ code: 'FL3008', severity: 'error', message: 'x is changed', help: 'Put `x` back.' }],
      links,
    },
    'could not `promote`\\\n<sub>[log](https://github.com/acme/shop/actions/runs/1)</sub>\n\n**FL3008** x is changed. Put `x` back.',
  ],
])('%s', (_what, content, expected) => {
  expect(renderSummary(content)).toContain(expected);
});
