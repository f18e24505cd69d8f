import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { edit } from './edit.ts';
import { whatIsWrong } from './invariants.ts';
import type { ScenarioOptions } from './scenario.ts';
import { calm, lookAfter, play, storiesOf } from './stories.ts';

// Invariants that no story can break say nothing. Without each of these guards some story breaks one.

const preview = '.github/workflows/preview.yml';
const cleanup = '.github/workflows/cleanup.yml';
const production = '.github/workflows/production.yml';
const previewGroup = / {4}concurrency:\n {6}group: fairlead-pr-.*\n.*\n {6}queue: max\n/;

/** Putting something up takes ten minutes, everything else a second. */
const slow = (label: string) => (label === 'migrate' ? 600_000 : 1000);

/** What is wrong after the first story in which anything is. */
async function firstWrong(
  kinds: string[],
  options: ScenarioOptions,
  { sweeps = true, most = 60 } = {},
): Promise<string> {
  for (const told of fc.sample(storiesOf(kinds, 10), { numRuns: most, seed: 3 })) {
    const story = await play(told, options);
    if (sweeps) await lookAfter(story, { rerun: false });
    const wrong = whatIsWrong(story).join('\n');
    if (wrong !== '') return wrong;
  }
  return '';
}

test.each<[string, string[], ScenarioOptions, RegExp]>([
  [
    'deployments of one preview wait for each other',
    ['push'],
    { kit: edit(preview, previewGroup, ''), delay: slow },
    /at once on shop\/pr-1/,
  ],
  [
    'none that waits takes the place of another',
    ['push', 'push twice', 'retarget'],
    { kit: edit(preview, /(group: fairlead-pr-.*\n.*\n) {6}queue: max\n/, '$1') },
    /is not|is there/,
  ],
  [
    'a build cancels only builds of the same commit',
    ['push', 'push twice'],
    { kit: edit(preview, '-{1}-{2}', '') },
    /pr-\d is not/,
  ],
  [
    'removing waits for deploying',
    ['push', 'close'],
    { kit: edit(cleanup, /group: fairlead-pr-.*\n/, 'group: other-${{ matrix.pull-request }}\n'), delay: slow },
    /at once on shop\/pr-1|is there/,
  ],
  [
    'deployments to production wait for each other',
    ['push to main'],
    { kit: edit(production, /( {2}deploy:[\s\S]*?) {4}concurrency:\n.*\n.*\n.*\n/, '$1'), delay: slow },
    /at once on shop\/production/,
  ],
])('%s', async (_, kinds, options, expected) => {
  expect(await firstWrong(kinds, options)).toMatch(expected);
});

test('a conflict does not keep a preview: removing is not on pull_request', async () => {
  const templates = edit(cleanup, /pull_request_target:.*\n/, 'pull_request:\n');
  const kit = edit(cleanup, /'pull_request_target'/g, "'pull_request'");
  const kinds = ['conflict', 'close', 'open'];
  expect(await firstWrong(kinds, { templates, kit }, { sweeps: false })).toMatch(/its pull request is closed/);
  expect(await firstWrong(kinds, {}, { sweeps: false, most: 20 })).toBe('');
});

test('whatever is left, the sweeper removes', async () => {
  const templates = edit(cleanup, / {2}pull_request_target:.*\n {4}types.*\n/, '');
  expect(await firstWrong(['close', 'open'], { templates }, { sweeps: false })).toMatch(/its pull request is closed/);
  expect(await firstWrong(['close', 'open'], { templates }, { most: 20 })).toBe('');
});

test('every kind of deed is one', () => {
  expect(new Set(calm).size).toBe(calm.length);
});
