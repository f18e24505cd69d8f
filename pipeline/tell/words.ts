import type { Diagnostic, Position } from '../../analyzer/mod.ts';
import { code, cut, cutStart, link, prose } from '../markdown.ts';
import type { Links, Phase } from './content.ts';

/** Characters of a name in a table; of a path its end is kept. */
export const longestName = 60;

/** Characters of a sentence; those of ours are shorter, names apart. */
export const longestSentence = 400;

/** Where something is: a link to the line when it is known of which commit. */
export function place(position: Position, links: Links | undefined): string {
  return sourceLink(`${cutStart(position.file, longestName)}:${position.line}`, position, links);
}

/** Words that lead to a line of the sources. */
export function sourceLink(words: string, { file, line }: Position, links: Links = {}): string {
  const shown = code(cut(words, longestName + 12));
  const { repository, commit, directory = '.' } = links;
  if (repository === undefined || commit === undefined) return shown;
  const path = [...directory.split('/'), ...file.split('/')].filter((part) => part !== '.' && part !== '');
  return link(shown, `${repository}/blob/${commit}/${path.map(encode).join('/')}#L${line}`);
}

function encode(part: string): string {
  return encodeURIComponent(part.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
}

/** ` (<place>)`, or nothing. */
export function inBrackets(position: Position | undefined, links: Links | undefined): string {
  return position ? ` (${place(position, links)})` : '';
}

/** A commit by its first seven digits. */
export function commitOf(commit: string, { repository }: Links = {}): string {
  const shown = code(commit.slice(0, 7));
  return repository === undefined ? shown : link(shown, `${repository}/commit/${commit}`);
}

/** `**FL4010** The secret K has no value (a.ts:3). Give it one.` */
export function diagnosticLine({ code: name, message, help, position }: Diagnostic, links: Links | undefined): string {
  const wayOut = help === '' ? '' : ` ${prose(cut(help, longestSentence))}`;
  return `**${name}** ${prose(gist(message))}${inBrackets(position, links)}.${wayOut}`;
}

/** A line as Node.js begins the error that a process ended with, below our sentence. */
const errorLine = /^ {0,2}(?:Uncaught )?(?:\w+\.)*\w*(?:Error|Exception)\b[^:]*:/;

/**
 * A message with room for its sentence. Of the output below, where that is long, what counts is the error the process ended with;
 * without one, the end.
 */
function gist(message: string): string {
  if ([...message].length <= longestSentence) return message;
  const [sentence = '', ...output] = message.split('\n');
  if (output.length === 0) return cut(sentence, longestSentence);
  const error = output.findLastIndex((line) => errorLine.test(line));
  const told =
    error === -1 ? cutStart(output.join('\n'), longestSentence) : cut(output.slice(error).join('\n'), longestSentence);
  return `${cut(sentence, longestSentence)} ${told.trim()}`;
}

/** Of phases, or undefined without any. */
export function total(phases: readonly Phase[] | undefined): number | undefined {
  return phases && phases.length > 0
    ? phases.reduce((sum, { milliseconds = 0, depth = 0 }) => (depth === 0 ? sum + milliseconds : sum), 0)
    : undefined;
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `21 Nov 2026, 14:32 UTC`. */
export function moment(iso: string): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return code(cut(iso, 30));
  const time = date.toISOString().slice(11, 16);
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${time} UTC`;
}

/** `12.40 USD`. */
export function money(amount: number, currency: string): string {
  return `${amount.toFixed(2)} ${code(cut(currency, 3)).replaceAll('`', '')}`;
}

/** `640 kB`, `12.3 MB`. */
export function bytes(size: number): string {
  return size < 1_000_000 ? `${Math.ceil(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
}

/** `1 service`, `2 databases`, `3 processes`. */
export function count(number: number, noun: string): string {
  const plural = /(s|x|ch|sh)$/.test(noun) ? `${noun}es` : `${noun}s`;
  return `${number} ${number === 1 ? noun : plural}`;
}

/** `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
