import { code, cut, details, fitting, plain, prose, table } from '../markdown.ts';
import type { Destroyed } from '../ports.ts';
import type { Unwanted } from '../preview-policy.ts';
import type { Saving } from './content.ts';
import { count, listed, longestSentence, money } from './words.ts';

/** Why an open pull request has no preview; '' for a closed one, which is plain to see. */
export function whyRemoved(unwanted: Unwanted | undefined): string {
  if (!unwanted || unwanted.why === 'closed' || unwanted.why === 'unknown') return '';
  return `${plain(`Because ${unwanted.message}.`)} ${prose(unwanted.help)}`;
}

/** What was removed, counted by kind, and one by one in a folded table; '' without anything. */
export function removedText(removed: Destroyed['removed']): string {
  if (removed.length === 0) return '';
  const { shown, more } = fitting(
    removed.map((what) => `| ${plain(cut(kindOf(what), 40))} | ${code(cut(nameOf(what), 160))} |`),
    { count: 300, characters: 20_000 },
  );
  const body = [table(['what', 'name'], []), ...shown].join('\n');
  return [
    `Removed: ${tally(removed)}.`,
    details(`All that was removed (${removed.length})`, more > 0 ? `${body}\n\n… and ${more} more.` : body),
  ].join('\n\n');
}

/** `processes, 2 databases and files`, of at most a dozen kinds. */
export function tally(things: readonly string[]): string {
  const kinds = [...Map.groupBy(things, kindOf)];
  const words = kinds.slice(0, 12).map(([kind, { length }]) => {
    const noun = plain(cut(kind, 40));
    return length === 1 ? noun : count(length, noun);
  });
  return listed(kinds.length > words.length ? [...words, 'more'] : words);
}

/** `database` of `database shop_pr_1_orders`, `PostgreSQL server` of itself, `files` of `files in /srv/shop`. */
function kindOf(what: string): string {
  const words = what.split(' ');
  const name = words.findIndex((word, index) => index > 0 && /[^a-zA-Z]/.test(word));
  const kind = words.slice(0, name === -1 ? undefined : name);
  return (kind.at(-1) === 'in' ? kind.slice(0, -1) : kind).join(' ');
}

function nameOf(what: string): string {
  const kind = kindOf(what);
  return what.slice(kind.length).replace(/^ in /, '').trim() || kind;
}

/** What is left and why, and what to do; '' when nothing is. */
export function leftList(left: Destroyed['left']): string {
  if (left.length === 0) return '';
  const { shown, more } = fitting(
    left.map(({ what, why }) => `> - ${code(cut(what, 120))}: ${prose(cut(why, longestSentence))}`),
    { count: 30, characters: 12_000 },
  );
  return [
    '> [!WARNING]\n> This is left:\n>',
    ...shown,
    ...(more > 0 ? [`> - … and ${more} more`] : []),
    '>\n> Run the cleanup again; it goes on where this one stopped.',
  ].join('\n');
}

export function savedLine(saved: Saving | undefined): string {
  if (!saved) return '';
  return `Saves ${money(saved.amount, saved.currency)} a month (${code(cut(saved.source, 80))}).`;
}
