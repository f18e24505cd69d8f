import type { Bucket } from '../../analyzer/mod.ts';

export function bucketDifferences(before: Bucket, after: Bucket): string[] {
  const found: string[] = [];
  if (before.public !== after.public) {
    found.push(after.public ? 'becomes public: everybody may read its objects' : 'is no longer public');
  }
  if (before.versioned !== after.versioned) {
    found.push(after.versioned ? 'now keeps former versions of objects' : 'no longer keeps former versions of objects');
  }
  return found;
}
