import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../../..');

/** A file of the repository, as text: so that a test can show what a rule says about another text. */
export interface YamlFile {
  /** Relative to the repository, with `/`. */
  path: string;
  text: string;
}

/** What a repository copies. */
export const templates = read('workflows/*.yml');
/** What those call, by `workflow_call`. */
export const reusables = read('.github/workflows/*.yml').filter(({ text }) => /^ {2}workflow_call:/m.test(text));
/** All workflows of this repository, reusable and its own. */
export const workflows = read('.github/workflows/*.yml');
/** Composites and leaves. */
export const actions = [...read('action.yml'), ...read('actions/**/action.yml')];

export function file(path: string): YamlFile {
  const [found] = read(path);
  if (!found) throw new Error(`there is no ${path}`);
  return found;
}

/** The same file with another text in place of one that it has. */
export function changed({ path, text }: YamlFile, from: string | RegExp, to: string): YamlFile {
  const result = text.replace(from, to);
  if (result === text) throw new Error(`${path} has no ${from}`);
  return { path, text: result };
}

// biome-ignore lint/suspicious/noExplicitAny: what GitHub's parser has accepted
export function documentOf({ text }: YamlFile): any {
  return parse(text);
}

function read(pattern: string): YamlFile[] {
  return globSync(pattern, { cwd: root })
    .sort()
    .map((path) => ({ path: path.replaceAll('\\', '/'), text: readFileSync(resolve(root, path), 'utf8') }));
}
