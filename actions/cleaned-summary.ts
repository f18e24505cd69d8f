import { code, plain, table } from '../pipeline/markdown.ts';
import type { Cleaned } from '../pipeline/mod.ts';

const verdicts: Record<Cleaned['kind'], string> = {
  removed: 'removed',
  removable: 'would be removed',
  kept: 'stays',
  left: 'could not be removed completely',
  nothing: 'was gone already',
};

/** What became of previews, as a table of Markdown. */
export function cleanedSummary(cleaned: readonly Cleaned[]): string {
  if (cleaned.length === 0) return 'No previews.';
  const rows = cleaned.map(({ environment: { application, name }, kind, unwanted, removed, left }) => [
    plain(application),
    code(name),
    verdicts[kind],
    plain(unwanted?.message ?? (kind === 'kept' ? 'its pull request is open' : '')),
    [...removed.map(code), ...left.map(({ what, why }) => `⚠️ ${plain(what)}: ${plain(why)}`)].join('<br>'),
  ]);
  return table(['Application', 'Preview', 'What became of it', 'Why', 'What was there'], rows);
}
