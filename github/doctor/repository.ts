import type { GitFacts } from '../git.ts';
import { type Finding, failed, ok } from './check.ts';

/** Whether the directory is a repository that GitHub knows. */
export function checkRepository({ root, remoteName = 'origin', remote, slug }: GitFacts): Finding[] {
  if (root === undefined)
    return [
      failed('repository.git', 'this is no git repository', 'Go to your repository, or make one: git init -b main.'),
    ];
  if (!slug)
    return [
      failed(
        'repository.remote',
        remote === undefined
          ? 'the repository has no remote'
          : `the remote ${withoutPassword(remote)} is not on github.com`,
        `Make the repository on GitHub, then git remote ${remote === undefined ? 'add origin' : `set-url ${remoteName}`} git@github.com:owner/name.git.`,
      ),
    ];
  return [ok('repository.remote', `the remote is ${slug.owner}/${slug.name} on GitHub`)];
}

function withoutPassword(remote: string): string {
  return remote.replace(/\/\/[^@/]*@/, '//');
}
