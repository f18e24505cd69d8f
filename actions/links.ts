import type { Links } from '../pipeline/mod.ts';
import type { Run } from './runner.ts';

/** Where words of summaries and comments lead to. */
export function linksOf(run: Run, directory: string, commit: string): Links {
  const repository = run.url.replace(/\/actions\/runs\/.*$/, '');
  return { repository, commit, directory, run: run.url };
}
