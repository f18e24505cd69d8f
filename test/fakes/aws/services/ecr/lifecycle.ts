import { globOf, type ImageRecord, isReferenced, type RepositoryRecord, removeImage } from './repositories.ts';

interface Rule {
  rulePriority: number;
  selection: {
    tagStatus: 'tagged' | 'untagged' | 'any';
    tagPrefixList?: string[];
    tagPatternList?: string[];
    countType: 'imageCountMoreThan' | 'sinceImagePushed';
    countNumber: number;
  };
}

const day = 86_400_000;

/**
 * Takes away what the policy of a repository says, and answers how many images that were. ECR User Guide, "Lifecycle policy evaluation rules":
 * rules by priority; an image that one rule selects is left alone by those after it; all prefixes must be matched; an image that a list
 * names stays while the list does.
 */
export function expire(repository: RepositoryRecord, now: number): number {
  if (!repository.lifecyclePolicy) return 0;
  const { rules } = JSON.parse(repository.lifecyclePolicy) as { rules: Rule[] };
  const taken = new Set<ImageRecord>();
  const doomed: ImageRecord[] = [];
  for (const { selection } of rules.toSorted((a, b) => a.rulePriority - b.rulePriority)) {
    const matching = [...repository.images.values()]
      .filter((image) => !taken.has(image) && image.subject === undefined && isSelected(image, selection))
      .toSorted((a, b) => b.pushedAt - a.pushedAt);
    for (const image of matching) taken.add(image);
    const { countType, countNumber } = selection;
    doomed.push(
      ...(countType === 'imageCountMoreThan'
        ? matching.slice(countNumber)
        : matching.filter(({ pushedAt }) => now - pushedAt > countNumber * day)),
    );
  }
  const gone = doomed.filter(({ digest }) => !isReferenced(repository, digest));
  for (const { digest } of gone) removeImage(repository, digest);
  return gone.length;
}

function isSelected({ tags }: ImageRecord, { tagStatus, tagPrefixList, tagPatternList }: Rule['selection']): boolean {
  if (tagStatus === 'any') return true;
  if (tagStatus === 'untagged') return tags.size === 0;
  const all = [...tags];
  return (
    (tagPrefixList ?? []).every((prefix) => all.some((tag) => tag.startsWith(prefix))) &&
    (tagPatternList ?? []).every((pattern) => all.some((tag) => globOf(pattern).test(tag))) &&
    all.length > 0
  );
}
