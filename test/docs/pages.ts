import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

export interface Page {
  /** Relative to the repository. */
  path: string;
  text: string;
}

/** The Markdown files of the repository. */
export function pages(): Page[] {
  const found = globSync('**/*.md', { cwd: root, exclude: (name) => /node_modules|fixtures|golden|dist/.test(name) });
  return found.sort().map((path) => ({ path, text: readFileSync(resolve(root, path), 'utf8') }));
}

/** The links of a page that stay within the repository: path and fragment as written, code left out. */
export function linksOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!).filter((link) => !/^[a-z]+:/.test(link));
}

/** The fragments that a page's headings can be reached by, as GitHub makes them. */
export function fragmentsOf(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```/gm, '');
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** The commands in a page's shell blocks: without comments and redirections, one entry per command of a line. */
export function commandsOf(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)]
    .flatMap(([, block]) => block!.split('\n'))
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|\|/))
    .map((command) => command.replace(/\s[<>].*$/, '').trim())
    .filter((command) => command !== '');
}

/** The words of a command, with quotes taken off. */
export function words(command: string): string[] {
  return [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double ?? single ?? plain!,
  );
}
