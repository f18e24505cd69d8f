import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { all } from '../support/patient.ts';
import { Sources } from './simulation/sources.ts';
import { kinds, play, storiesOf } from './simulation/stories.ts';

// A failure prints the seed and the path of the smallest example; put them beside `numRuns` to play it again.
// FAIRLEAD_SIMULATIONS plays as many as it says: a hundred take about half an hour.
const numRuns = Number(process.env.FAIRLEAD_SIMULATIONS ?? (all ? 4 : 1));
const bounds = { numRuns, seed: Number(process.env.SEED ?? 72), endOnFailure: process.env.SHRINK === undefined };

/** Milliseconds: on a busy machine stories take their time. */
const patience = 60_000 + numRuns * 60_000;

const sources = await Sources.open();

test(
  'whatever people do, previews follow their pull requests, and production always answers',
  async () => {
    await fc.assert(
      fc.asyncProperty(storiesOf(kinds.deeds, 7), async (story) => {
        expect(await play(story, { sources })).toEqual([]);
      }),
      bounds,
    );
  },
  patience,
);

test(
  'the same when AWS refuses, runs are killed, credentials expire, and somebody changes things by hand',
  async () => {
    await fc.assert(
      fc.asyncProperty(storiesOf([...kinds.deeds, ...kinds.troubles, ...kinds.troubles], 9), async (story) => {
        expect(await play(story, { sources })).toEqual([]);
      }),
      bounds,
    );
  },
  patience,
);
