import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './pages.ts';

/** What a page about a primitive shows, as it stands there. */
export interface Guide {
  page: string;
  /** Path in the application → text: the blocks of code right after a line that ends with the file's name and a colon. */
  files: Record<string, string>;
  steps: Step[];
}

/** A command of a `console` block, and what the page says that it prints. */
export interface Step {
  command: string;
  shown: string;
}

export function readGuide(page: string): Guide {
  const text = readFileSync(resolve(root, 'docs', page), 'utf8');
  const named = text.matchAll(/`([\w./-]+\.\w+)`:\n\n```\w+\n(.*?)^```$/gms);
  const sessions = [...text.matchAll(/^```console\n(.*?)^```$/gms)].map(([, session]) => session!);
  return {
    page,
    files: Object.fromEntries([...named].map(([, path, code]) => [path!, code!])),
    steps: sessions.flatMap(stepsOf),
  };
}

/** A command goes on in the next line after a backslash. */
function stepsOf(session: string): Step[] {
  return session
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [, command = '', shown = ''] = /^((?:[^\n]*\\\n)*[^\n]*)\n(.*)$/s.exec(part) ?? [];
      return { command, shown: shown.trimEnd() };
    });
}

/** Whether what was printed is what the page shows, where `…` is any text within a line. */
export function isAsShown(printed: string, shown: string): boolean {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return new RegExp(`^${shown.split('…').map(literal).join('.*')}$`).test(printed.replaceAll('\r', '').trimEnd());
}

/** Commands that change nothing, which are asked again until what happens meanwhile has happened. */
export function mayRepeat(command: string): boolean {
  return /^(curl|fairlead logs)\b/.test(command) && !/ -(X|d|F|T)\b| --(data|json|request|upload)/.test(command);
}
