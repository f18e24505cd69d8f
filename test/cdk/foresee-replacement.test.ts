import { fullDiff, type ResourceDifference, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { replacementsOf } from '../../cdk/foresee/changes.ts';
import { replacing } from '../../cdk/foresee/replacing.gen.ts';
import type { Template } from '../../cdk/model.ts';

/** What AWS's own library says of the same two templates. */
function judged(before: Template, after: Template): Record<string, string> {
  const impacts: Record<string, string> = {};
  fullDiff(before, after).resources.forEachDifference((id: string, { changeImpact }: ResourceDifference) => {
    if (changeImpact === ResourceImpact.WILL_REPLACE) impacts[id] = 'yes';
    if (changeImpact === ResourceImpact.MAY_REPLACE) impacts[id] = 'maybe';
  });
  return impacts;
}

const ours = (before: Template, after: Template) =>
  Object.fromEntries([...replacementsOf(before, after)].filter(([, impact]) => impact !== 'no'));

const types = Object.keys(replacing);

test('every property of every type that we synthesize is judged as AWS judges it', () => {
  const names = ['Description', 'Name', 'Tags'];
  for (const type of types) {
    const properties = [...replacing[type]!.yes, ...(replacing[type]!.maybe ?? []), ...names];
    for (const property of properties) {
      const template = (value: string): Template => ({
        // That library reads policies on the way, and wants one where there may be one.
        Resources: { One: { Type: type, Properties: { PolicyDocument: { Statement: [] }, [property]: value } } },
      });
      const [before, after] = [template('a'), template('b')];
      expect([type, property, ours(before, after)]).toEqual([type, property, judged(before, after)]);
    }
  }
});

/** Templates whose resources refer to each other, by number. */
const someTemplate = fc.array(
  fc.record({
    type: fc.constantFrom('AWS::SQS::Queue', 'AWS::SNS::Subscription', 'AWS::ECS::Service', 'AWS::IAM::Role'),
    property: fc.constantFrom('QueueName', 'TopicArn', 'Protocol', 'Cluster', 'DesiredCount', 'RoleName', 'Tags'),
    value: fc.oneof(
      fc.constantFrom('a', 'b'),
      fc.nat(4).map((n) => ({ Ref: `R${n}` })),
      fc.nat(4).map((n) => ({ 'Fn::GetAtt': [`R${n}`, 'Arn'] })),
    ),
  }),
  { minLength: 1, maxLength: 5 },
);

const templateOf = (resources: { type: string; property: string; value: unknown }[]): Template => ({
  Resources: Object.fromEntries(
    resources.map(({ type, property, value }, index) => [
      `R${index}`,
      { Type: type, Properties: { [property]: value } },
    ]),
  ),
});

test('so it is of templates at random, and what follows from a replacement', () => {
  let some = 0;
  fc.assert(
    fc.property(someTemplate, someTemplate, (first, second) => {
      // A resource that changes its type is refused by CloudFormation: here it keeps it.
      const next = second.map((one, index) => ({ ...one, type: first[index]?.type ?? one.type }));
      const [before, after] = [templateOf(first), templateOf(next)];
      const both = (id: string) => before.Resources[id] && after.Resources[id];
      const theirs = Object.fromEntries(Object.entries(judged(before, after)).filter(([id]) => both(id)));
      some += Object.keys(theirs).length;
      expect(ours(before, after)).toEqual(theirs);
    }),
    { numRuns: 300, seed: 7 },
  );
  expect(some).toBeGreaterThan(50);
});
