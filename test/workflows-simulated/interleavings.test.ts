import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { whatIsWrong } from './invariants.ts';
import { calm, lookAfter, onForks, play, storiesOf, troubled } from './stories.ts';

// A failure prints the seed and the path of the smallest example; put them beside `numRuns` to play it again.
// Where nobody waits for it, three times as many.
const bounds = { numRuns: process.env.CI ? 100 : 34, seed: 72 };

/** Milliseconds: on a busy machine stories take their time. */
const patience = 300_000;

test(
  'whatever people do, in whatever order runs come to it',
  async () => {
    await fc.assert(
      fc.asyncProperty(storiesOf(calm, 10), async (told) => {
        const story = await play(told);
        await lookAfter(story, { rerun: false });
        expect(whatIsWrong(story)).toEqual([]);
      }),
      bounds,
    );
  },
  patience,
);

test(
  'the same when runners are lost, requests fail, and runs are cancelled and started again',
  async () => {
    await fc.assert(
      fc.asyncProperty(storiesOf(troubled, 12), async (told) => {
        const story = await play(told);
        await lookAfter(story, { rerun: true });
        expect(whatIsWrong(story)).toEqual([]);
      }),
      bounds,
    );
  },
  patience,
);

test(
  'a fork has a preview of one commit, without secrets, while somebody who may has asked for it',
  async () => {
    let previews = 0;
    await fc.assert(
      fc.asyncProperty(storiesOf(onForks, 8), async (told) => {
        const story = await play(told);
        await lookAfter(story, { rerun: false });
        expect(whatIsWrong(story)).toEqual([]);
        previews += story.ended.filter(
          ({ leaf, call, end }) => leaf === 'deploy' && isFork(call) && !end.failed,
        ).length;
      }),
      bounds,
    );
    expect(previews).toBeGreaterThan(0);
  },
  patience,
);

function isFork({ job }: { job: { run: { file: string } } }): boolean {
  return job.run.file.endsWith('/fork-preview.yml');
}
