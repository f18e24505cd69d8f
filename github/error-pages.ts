import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What `docs/errors.md` says about a code. */
export interface ErrorSection {
  title: string;
  /** Markdown without the heading. */
  body: string;
  /** As GitHub makes it of the heading. */
  anchor: string;
}

/** Where the kit lies, which holds the page. */
const kit = new URL('../', import.meta.url);
const page = 'docs/errors.md';

/** The sections of the page by code. */
export function errorSections(text = readFileSync(new URL(page, kit), 'utf8')): ReadonlyMap<string, ErrorSection> {
  const sections = text.split(/^## (?=FL\d{4} )/m).slice(1);
  return new Map(
    sections.map((section) => {
      const [heading = '', ...body] = section.split('\n');
      const [code = '', title = ''] = heading.split(' — ');
      return [code, { title, body: body.join('\n').trim(), anchor: anchorOf(heading) }];
    }),
  );
}

/**
 * The address of the page: in a run of the kit as an action, the page of that very commit or tag on the server; else the file of
 * this kit.
 */
export function errorPage(environment: Readonly<Record<string, string | undefined>>): string {
  const { GITHUB_SERVER_URL, GITHUB_ACTION_REPOSITORY, GITHUB_ACTION_REF, GITHUB_ACTION_PATH } = environment;
  const own = `${GITHUB_ACTION_PATH}/`.startsWith(fileURLToPath(kit));
  return own && GITHUB_SERVER_URL && GITHUB_ACTION_REPOSITORY && GITHUB_ACTION_REF
    ? `${GITHUB_SERVER_URL}/${GITHUB_ACTION_REPOSITORY}/blob/${encodeURI(GITHUB_ACTION_REF)}/${page}`
    : new URL(page, kit).href;
}

/** Where a code is explained on the web, or in the file of this kit where that is not known. */
export function errorLink(code: string, environment: Readonly<Record<string, string | undefined>>): string {
  const section = errorSections().get(code);
  return `${errorPage(environment)}${section ? `#${section.anchor}` : ''}`;
}

/** Lower case, without punctuation, hyphens for spaces. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
    .replaceAll(' ', '-');
}
