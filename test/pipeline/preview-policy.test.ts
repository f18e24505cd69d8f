import { expect, test } from '@jest/globals';
import {
  everyPullRequest,
  type PreviewPolicy,
  type PullRequest,
  previewLabel,
  wantsPreview,
} from '../../pipeline/mod.ts';

const strict: PreviewPolicy = { drafts: false, bots: false };
const labels = [previewLabel];
const bot = { name: 'dependabot[bot]', bot: true };

test.each<[string, Partial<PullRequest> | undefined, PreviewPolicy, string]>([
  ['an open one', {}, strict, 'wanted'],
  ['one by a person', { author: { name: 'ada', bot: false } }, strict, 'wanted'],
  ['one that is not there', undefined, everyPullRequest, 'unknown'],
  ['a closed one', { state: 'closed' }, everyPullRequest, 'closed'],
  ['a closed one with the label', { state: 'closed', labels }, everyPullRequest, 'closed'],
  ['a draft', { draft: true }, strict, 'draft'],
  ['a draft with another label', { draft: true, labels: ['preview'] }, strict, 'draft'],
  ['a draft with the label', { draft: true, labels }, strict, 'wanted'],
  ['a draft where drafts have previews', { draft: true }, { ...strict, drafts: true }, 'wanted'],
  ['one by a bot', { author: bot }, strict, 'bot'],
  ['one by a bot with the label', { author: bot, labels }, strict, 'wanted'],
  ['one by a bot where bots have previews', { author: bot }, { ...strict, bots: true }, 'wanted'],
  ['a draft by a bot where only bots have previews', { author: bot, draft: true }, { ...strict, bots: true }, 'draft'],
  ['one of a fork', { fork: true }, everyPullRequest, 'fork'],
  ['one of a fork with a label that nobody looked at', { fork: true, labels }, strict, 'fork'],
  ['one of a fork with a label that counts', { fork: true, labels }, { ...strict, trusted: true }, 'wanted'],
  ['a draft of a fork with a label that counts', { fork: true, draft: true, labels }, everyPullRequest, 'wanted'],
])('%s', (_what, parts, policy, expected) => {
  const wants = wantsPreview(parts && { number: 12, state: 'open', head: 'a', ...parts }, policy);
  expect(wants.wanted ? 'wanted' : wants.why).toBe(expected);
});

test('it says why there is none and what would bring one', () => {
  const draft = wantsPreview({ number: 12, state: 'open', head: 'a', draft: true }, strict);
  expect(draft).toEqual({
    wanted: false,
    why: 'draft',
    message: 'pull request 12 is a draft',
    help: 'Mark it as ready for review, or set the label `fairlead:preview`.',
  });
});
