import { expect, test } from '@jest/globals';
import type { Target } from '../../pipeline/mod.ts';
import type { FakeAws } from '../fakes/aws/fake.ts';
import type { Operation } from '../fakes/aws/model.ts';
import type { Without } from './simulation/simulation.ts';
import { Sources } from './simulation/sources.ts';
import { type Deed, play } from './simulation/stories.ts';

// Invariants that no story can break say nothing. Without each of these guards one of these stories breaks one.

/** Milliseconds: on a busy machine stories take their time. */
const patience = 180_000;

const sources = await Sources.open();

/** Sources by what `which` makes of it: 0 is plain, 5 answers what is wrong, 14 is without the bucket. */
const deed = (kind: string, which = 0): Deed => ({ kind, which, after: 1_800 });

const aPreview = [deed('open'), deed('close')];
const theWrong = [deed('merge'), deed('merge', 5)];
const withoutBucket = [deed('merge'), deed('merge', 14)];

/** Changes what operations of AWS do, by `service:Operation`. */
function changing(changes: Record<string, (former: Operation) => Operation>): (aws: FakeAws) => void {
  return ({ world }) => {
    for (const [name, change] of Object.entries(changes)) {
      const [service = '', operation = ''] = name.split(':');
      const operations = world.services.get(service)!.operations as Record<string, Operation>;
      operations[operation] = change(operations[operation]!);
    }
  };
}

const nothing = () => () => ({});

/** Whatever the smoke test finds is fine. */
function credulous(target: Target): Target {
  return {
    ...target,
    apply: (plan, report, { verify, ...options } = {}) =>
      target.apply(plan, report, { ...options, ...(verify && { verify: (url) => verify(url).catch(() => {}) }) }),
  };
}

/** What removes databases makes them. */
const makingOnly = changing({
  'ecs:RunTask': (former) => (input, call) =>
    former(JSON.parse(JSON.stringify(input).replaceAll('\\"action\\":\\"drop\\"', '\\"action\\":\\"create\\"')), call),
});

/** Nobody sees what a change set would do, no bucket is retained, and none has anything in it that would keep it. */
const careless: Without = {
  objects: true,
  aws: changing({
    'cloudformation:CreateChangeSet': (former) => (input, call) =>
      former({ ...input, TemplateBody: input.TemplateBody?.replaceAll('RetainExceptOnCreate', 'Delete') }, call),
    'cloudformation:DescribeChangeSet': (former) => async (input, call) => ({
      ...((await former(input, call)) as object),
      Changes: [],
    }),
  }),
};

test.each<[string, Deed[], Without, RegExp]>([
  [
    'a release that answers wrongly is refused',
    theWrong,
    { target: credulous },
    /no healthy release that was verified/,
  ],
  ['databases go with their preview', aPreview, { aws: makingOnly }, /there is tiny_pr_1_/],
  [
    'revisions of tasks go with their preview',
    aPreview,
    { aws: changing({ 'ecs:DeleteTaskDefinitions': nothing }) },
    /there is arn:aws:ecs:.*task-definition/,
  ],
  [
    'tags of images go with their preview',
    aPreview,
    { aws: changing({ 'ecr:BatchDeleteImage': nothing }) },
    /there is image pr-1-/,
  ],
  [
    'the parameter of the schema goes with its preview',
    aPreview,
    { aws: changing({ 'ssm:DeleteParameter': nothing }) },
    /there is \/fairlead\/tiny\/pr-1\/schema/,
  ],
  ['a bucket of production stays', withoutBucket, careless, /s3:::.* is gone/],
])(
  '%s',
  async (_, deeds, without, expected) => {
    expect((await play({ seed: 72, deeds }, { sources, without })).join('\n')).toMatch(expected);
  },
  patience,
);

test(
  'with all of them, the same stories are fine',
  async () => {
    for (const deeds of [aPreview, theWrong, withoutBucket])
      expect(await play({ seed: 72, deeds }, { sources })).toEqual([]);
  },
  patience,
);
