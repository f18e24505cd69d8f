import { expect, test } from '@jest/globals';
import { extended, type LifecyclePolicy, lifecyclePolicy } from '../../../images/registries/ecr/lifecycle-policy.ts';

interface Image {
  tags: string[];
  /** Days since the push. */
  age: number;
}

/**
 * Whether an image expires, as Amazon's User Guide has it under "Lifecycle policy evaluation rules": the rule with the
 * lowest number whose tagging requirements an image matches decides alone, and an image matches when all prefixes of the
 * rule are matched by any of its tags.
 */
function expires({ rules }: LifecyclePolicy, image: Image, all: Image[]): boolean {
  const matches = (prefixes: string[], { tags }: Image) =>
    prefixes.every((prefix) => tags.some((tag) => tag.startsWith(prefix)));
  for (const { selection } of [...rules].sort((a, b) => a.rulePriority - b.rulePriority)) {
    const prefixes = selection.tagPrefixList!;
    if (!matches(prefixes, image)) continue;
    if (selection.countType === 'sinceImagePushed') return image.age > selection.countNumber;
    const younger = all.filter((other) => matches(prefixes, other) && other.age < image.age);
    return younger.length >= selection.countNumber;
  }
  return false;
}

const old: [tags: string[], gone: boolean][] = [
  [['pr-7-20260101t000000z-0123456789ab'], true],
  [['pr-7-20260101t000000z-0123456789ab', 'pr-8-20260101t000000z-0123456789ab.all.main.linux-arm64'], true],
  [['production-20260101t000000z-0123456789ab'], false],
  [['pr-7-20260101t000000z-0123456789ab', 'production-20260101t000000z-0123456789ab'], false],
  [['pr-7-20260101t000000z-0123456789ab', 'build-20260101t000000z-0123456789ab'], false],
  [['pr-7-20260101t000000z-0123456789ab', 'staging-20260101t000000z-0123456789ab'], false],
  [['pr-review-20260101t000000z-0123456789ab'], false],
  [['staging-20260101t000000z-0123456789ab'], false],
  [['unknown-20260101t000000z-0123456789ab'], false],
  [[], false],
];

test.each(old)('%j', (tags, gone) => {
  const policy = lifecyclePolicy(['production', 'build', 'staging', 'pr-review']);
  const image = { tags, age: 91 };
  const others = Array.from({ length: 1000 }, () => ({ tags, age: 1 }));
  expect(expires(policy, image, [image, ...others])).toBe(gone);
  expect(expires(policy, { tags, age: 89 }, [])).toBe(false);
});

test('each rule has a number of its own', () => {
  const { rules } = lifecyclePolicy(['b', 'a', 'b']);
  expect(rules.map(({ rulePriority, selection }) => [rulePriority, selection.tagPrefixList])).toEqual([
    [1, ['a-']],
    [2, ['b-']],
    [3, ['pr-']],
  ]);
});

test('a policy gets what it lacks, and one with other rules is left alone', () => {
  const policy = lifecyclePolicy(['a', 'c']);
  expect(extended(JSON.stringify(policy), ['a'])).toEqual({ without: [] });
  expect(extended(JSON.stringify(policy), ['b'])).toEqual({ policy: lifecyclePolicy(['a', 'b', 'c']), without: [] });
  const other = { ...policy.rules[0]!, description: 'our own' };
  expect(extended(JSON.stringify({ rules: [...policy.rules, other] }), ['b'])).toEqual({ without: [] });
});

test('a policy has as many rules as Amazon allows, and says who has none', () => {
  const names = Array.from({ length: 48 }, (_, n) => `env${n}`);
  const { policy, without } = extended(JSON.stringify(lifecyclePolicy(names)), ['last', 'over']);
  expect(policy).toEqual(lifecyclePolicy([...names, 'last']));
  expect(policy!.rules).toHaveLength(50);
  expect(without).toEqual(['over']);
  expect(extended(JSON.stringify(policy), ['env1', 'over'])).toEqual({ without: ['over'] });
});
