import { previewDays, previewPrefix } from '../expiry.ts';

/**
 * When Amazon ECR lets images of an application expire, by the tags that Fairlead gives: those of previews some time after
 * the push, everything else never.
 *
 * What that takes follows from how ECR evaluates a policy (User Guide, "Lifecycle policy evaluation rules"):
 * - Rules select images, not tags. A release that was reviewed and then promoted has a `pr-…` and a `production-…` tag on
 *   one image, and a rule for `pr-` would take both. "An image that matches the tagging requirements of a rule cannot be
 *   expired or archived by a rule with a lower priority": so each environment that lives on has a rule of its own before,
 *   which matches and never has so many images as to expire one.
 * - An image matches when all of the tags in `tagPrefixList` are matched: so one prefix to a rule.
 * - Nothing selects by what is not matched, and there are 50 rules at most: so the environments are named, and one that
 *   is new is added at its first push.
 * - "If an image is referenced by a manifest list, it cannot be expired or archived without the manifest list being
 *   deleted or archived first", and it stays when the index goes. So it has tags of its own, with the same prefix. A rule
 *   for untagged images would reach it too, but perhaps also SBOMs and records of builds, which never have a tag, and
 *   which ECR cleans up by itself "within 24 hours of the deletion or archival of the subject image".
 */
export interface LifecyclePolicy {
  rules: LifecycleRule[];
}

interface LifecycleRule {
  rulePriority: number;
  description?: string;
  selection: {
    tagStatus: string;
    tagPrefixList?: string[];
    countType: string;
    countUnit?: string;
    countNumber: number;
  };
  action: { type: string };
}

/** Rules of ours begin with it; a policy with another rule is not ours. */
const mark = 'Fairlead: ';

/** More than a repository can have. */
const unreachable = 1_000_000;

/** Of the rules that there may be, one is for previews. */
const mostLasting = 49;

/** What a policy becomes, and the environments that it has no room for. */
export interface Extended {
  /** Undefined when it stays as it is. */
  policy?: LifecyclePolicy;
  without: string[];
}

/** `lasting` are names of environments, or what else tags begin with that stay. */
export function lifecyclePolicy(lasting: readonly string[]): LifecyclePolicy {
  const names = [...new Set(lasting)].sort();
  return { rules: [...names.map(stays), previews(names.length + 1)] };
}

/** The policy with more environments that stay. One that is not ours stays as it is. */
export function extended(text: string, lasting: readonly string[]): Extended {
  const { rules } = JSON.parse(text) as LifecyclePolicy;
  if (!rules.every(({ description }) => description?.startsWith(mark))) return { without: [] };
  const before = rules.flatMap(({ selection, action }) =>
    action.type === 'expire' && selection.countNumber === unreachable ? (selection.tagPrefixList ?? []) : [],
  );
  const known = before.map((prefix) => prefix.replace(/-$/, ''));
  const missing = lasting.filter((name) => !known.includes(name));
  const added = missing.slice(0, Math.max(0, mostLasting - known.length));
  const without = missing.slice(added.length);
  return added.length > 0 ? { policy: lifecyclePolicy([...known, ...added]), without } : { without };
}

function stays(name: string, index: number): LifecycleRule {
  return {
    rulePriority: index + 1,
    description: `${mark}what ${name} has been is kept`,
    selection: {
      tagStatus: 'tagged',
      tagPrefixList: [`${name}-`],
      countType: 'imageCountMoreThan',
      countNumber: unreachable,
    },
    action: { type: 'expire' },
  };
}

function previews(rulePriority: number): LifecycleRule {
  return {
    rulePriority,
    description: `${mark}what was built for previews goes ${previewDays} days after its push`,
    selection: {
      tagStatus: 'tagged',
      tagPrefixList: [previewPrefix],
      countType: 'sinceImagePushed',
      countUnit: 'days',
      countNumber: previewDays,
    },
    action: { type: 'expire' },
  };
}
