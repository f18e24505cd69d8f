/** A space of no width: what a forge would turn into a link or a mention is no longer what it looks for. */
const gap = '\u200b';

/**
 * Text that shows as it is written: nothing in it means anything to Markdown, HTML, mathematics, or a forge's mentions and links.
 * What cannot be seen is written out, such as `\u{202e}`.
 */
export function plain(text: string): string {
  return (
    visible(text)
      .replace(/[\\`*_{}[\]()<>#+\-!|~&]/g, '\\$&')
      .replace(/^(\d+)([.])/, '$1\\$2')
      .replaceAll('$', '<span>$</span>')
      .replaceAll('@', `@${gap}`)
      .replace(/#(?=\w)/g, `#${gap}`)
      .replace(/gh\\-(?=\d)/gi, `$&${gap}`)
      .replaceAll('://', `:${gap}//`)
      .replace(/(?:www|mailto|xmpp)(?=[.:])/gi, `$&${gap}`)
      // Not of `12:30`.
      .replace(/:(?=[\w+\\-])(?!\d+[^\w+\\:-])/g, `:${gap}`)
      .replace(/[0-9a-f]{7,}/gi, (digits) => digits.replace(/.{6}(?=.)/g, `$&${gap}`))
  );
}

/**
 * A sentence of ours: what it has between backticks becomes code, and so do addresses and what looks like a commit. All else
 * is plain.
 */
export function prose(text: string): string {
  return visible(text)
    .split(/`([^`]+)`|(https?:\/\/[^\s`<>"]*[^\s`<>"'.,;:!?)\]]|\b[0-9a-f]{7,64}\b)/i)
    .map((part, index) => (part === undefined ? '' : index % 3 === 0 ? plain(part) : code(part)))
    .join('');
}

/** Text as code, whatever is in it. Fit for a table's cell and for the text of a link. */
export function code(text: string): string {
  const shown = visible(text);
  if (shown !== '' && !/[`|]|^ | $/.test(shown)) return `\`${shown}\``;
  return `<code>${shown.replace(/[^\p{L}\p{N} ]/gu, (character) => `&#${character.codePointAt(0)};`)}</code>`;
}

/** The beginning of a text and an ellipsis, when it has more than `longest` characters. */
export function cut(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
}

/** The end of a text after an ellipsis, when it has more than `longest` characters: of a path that says the most. */
export function cutStart(text: string, longest: number): string {
  const characters = [...text];
  return characters.length <= longest ? text : `…${characters.slice(1 - longest).join('')}`;
}

/** One line in which everything can be seen: controls, and what turns the direction of writing, are written out. */
export function visible(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/\p{Cc}|\p{Cf}|\p{Cs}|\p{Default_Ignorable_Code_Point}/gu, (character) => {
    return `\\u{${character.codePointAt(0)!.toString(16)}}`;
  });
}

/** A link to an address that our own code made. What is no address of the web is shown as code. */
export function link(text: string, url: string): string {
  return isWebAddress(url) ? `[${text}](${url.replace(/[()]/g, (one) => (one === '(' ? '%28' : '%29'))})` : text;
}

/** An address that shows as it is. */
export function address(url: string): string {
  return isWebAddress(url) ? `<${url}>` : code(cut(url, 200));
}

function isWebAddress(url: string): boolean {
  return /^https?:\/\/[^\s<>\\`|"]{1,2000}$/.test(url);
}

export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param summary is not Markdown, and must not hold what others wrote */
export function details(summary: string, body: string): string {
  return `<details>\n<summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

/** As many of the items as have room, and how many have none. */
export function fitting(
  items: readonly string[],
  { characters, count }: { characters: number; count: number },
): { shown: string[]; more: number } {
  let room = characters;
  const first = items.slice(0, count);
  const end = first.findIndex((item) => {
    room -= item.length + 1;
    return room < 0;
  });
  const shown = end === -1 ? first : first.slice(0, end);
  return { shown, more: items.length - shown.length };
}
