import { posix } from 'node:path';

/**
 * The paths that code names. What only comes to be while it runs is not seen; where a path begins with literals, the directory that they
 * name is.
 */
export interface NamedPath {
  /** Where it begins: in the application's directory, where the program runs, or in that of the module. */
  from: 'root' | 'module';
  /** Normalized, without `/` at its end; `.` for where it begins. */
  path: string;
  /** Whether a directory may be meant. Elsewhere the name of one is more likely to mean something else. */
  directory: boolean;
  /** Whether it is only mentioned: nothing says that it is a path. */
  mentioned?: true;
}

const literal = String.raw`(?:"[^"\n\\]*"|'[^'\n\\]*'|\`[^\`\n\\$]*\`)`;
const moduleFile = String.raw`(?:[\w$]+\.)?fileURLToPath\(\s*import\.meta\.url\s*\)`;

/** What is the module's directory, and what the application's. */
const places: readonly (readonly [expression: string, from: NamedPath['from']])[] = [
  ['__dirname', 'module'],
  [String.raw`import\.meta\.dirname`, 'module'],
  [String.raw`(?:[\w$]+\.)?dirname\(\s*(?:${moduleFile}|import\.meta\.filename|__filename)\s*\)`, 'module'],
  [String.raw`process\.cwd\(\)`, 'root'],
];

/** Functions whose arguments are parts of one path. */
const joining = new Set(['join', 'resolve']);

/** Functions that take a directory. */
const takingDirectories = new Set([...joining, 'static', 'readdir', 'readdirSync', 'opendir', 'opendirSync']);

/** What loads modules, which are bundled. */
const loading = new Set(['import', 'require', 'from']);

interface Place {
  from: NamedPath['from'];
  path: string;
}

/** All that a module names. A path that leads out of the application, or to what is hidden, is among them. */
export function namedPaths(text: string): NamedPath[] {
  const code = withConstants(text);
  const known = constants(code);
  const all = [...inCalls(code, known), ...besidePlaces(code, known), ...inUrls(code), ...mentioned(code)];
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

/** Has the text of constants stand where calls have their names: `join("mails", name)` for `join(MAILS, name)`. */
function withConstants(code: string): string {
  const declared = new RegExp(
    String.raw`\bconst\s+(?<name>[\w$]+)\s*(?::\s*string\s*)?=\s*(?<text>${literal})\s*[;\n]`,
    'g',
  );
  const texts = new Map(Array.from(code.matchAll(declared), ({ groups }) => [groups!.name!, groups!.text!]));
  if (texts.size === 0) return code;
  return code.replace(/(?<![\w$])(?=[\w$])(?<=[(,]\s*)[\w$]+(?=\s*[,)])/g, (name) => texts.get(name) ?? name);
}

/** Constants of the module that are a place, or a path from there. */
function constants(code: string): ReadonlyMap<string, Place> {
  const known = new Map<string, Place>();
  const declared = /\b(?:const|let|var)\s+([\w$]+)\s*(?::\s*string\s*)?=\s*/g;
  for (const { 0: text, 1: name = '', index } of code.matchAll(declared)) {
    const place = placeAt(code, index + text.length, known);
    if (place) known.set(name, place);
  }
  return known;
}

/**
 * A place, or what may be the name of one, as the group `base`: it is the same however many names there are. It begins a word, so that no
 * part of a long one is looked at again.
 */
const base = String.raw`(?<![\w$.])(?<base>${places.map(([one]) => one).join('|')}|[\w$]+)(?![\w$])`;

const joined = new RegExp(
  String.raw`(?:[\w$]+\.)?(?:join|resolve)\(\s*${base}(?<more>(?:\s*,\s*${literal})*)\s*,?\s*\)`,
  'y',
);
const alone = new RegExp(base, 'y');

/** The place that an expression which begins here is, if it is one. */
function placeAt(code: string, start: number, known: ReadonlyMap<string, Place>): Place | undefined {
  for (const pattern of [joined, alone]) {
    pattern.lastIndex = start;
    const groups = pattern.exec(code)?.groups;
    const place = groups && placeOf(groups.base!, known);
    if (place) return below(place, literals(groups.more ?? ''));
  }
  return undefined;
}

const placePatterns = places.map(([expression, from]) => [new RegExp(`^(?:${expression})$`), from] as const);

/** Undefined for a name that is not known as one. */
function placeOf(text: string, known: ReadonlyMap<string, Place>): Place | undefined {
  const from = placePatterns.find(([expression]) => expression.test(text))?.[1];
  return known.get(text) ?? (from && { from, path: '.' });
}

/** What loads files of any kind from beside the module, and is not looked into: `const load = createRequire(import.meta.url)`. */
function requirers(code: string): ReadonlySet<string> {
  const declared =
    /\bconst\s+([\w$]+)\s*(?::[^=;\n]{0,200})?=\s*(?:[\w$]+\.)?createRequire\(\s*(?:import\.meta\.url|__filename)\s*\)/g;
  return new Set(Array.from(code.matchAll(declared), ([, name = '']) => name));
}

const call = new RegExp(
  String.raw`(?<![\w$])(?<callee>[\w$]+)(?:<[^<>()]{0,200}>)?\(\s*(?:${base}\s*,\s*)?(?<paths>${literal}(?:\s*,\s*${literal})*)`,
  'g',
);

/** `readFileSync("./a.sql"`, `join(process.cwd(), 'a', "b"`, `resolve(here, 'a'`: the place, if any, and literals. */
function inCalls(code: string, known: ReadonlyMap<string, Place>): NamedPath[] {
  const requiring = requirers(code);
  return Array.from(code.matchAll(call), ({ groups }) => groups!).flatMap(({ callee = '', base: at, paths = '' }) => {
    const parts = literals(paths);
    if (requiring.has(callee)) {
      const isBeside = /^\.{1,2}\//.test(parts[0] ?? '');
      return isBeside ? [{ ...below({ from: 'module', path: '.' }, parts), directory: false }] : [];
    }
    if (loading.has(callee)) return [];
    const start: Place | undefined = at === undefined ? { from: 'root', path: '.' } : placeOf(at, known);
    if (start === undefined) return [];
    const place = below(start, joining.has(callee) ? parts : parts.slice(0, 1));
    return [{ ...place, directory: takingDirectories.has(callee) }];
  });
}

const added = new RegExp(String.raw`${base}\s*\+\s*(?<text>${literal})`, 'g');
const inside = new RegExp(String.raw`\$\{\s*${base}\s*\}(?<text>/[^\`\n\\$]*)(?<goesOn>\$?)`, 'g');

/** `__dirname + '/views'` and `${process.cwd()}/mails/${name}`. */
function besidePlaces(code: string, known: ReadonlyMap<string, Place>): NamedPath[] {
  return [...code.matchAll(added), ...code.matchAll(inside)].flatMap(({ groups }) => {
    const { base: at = '', text = '', goesOn = '' } = groups!;
    const path = goesOn === '' ? text.replace(/^["'`]|["'`]$/g, '') : upToSlash(text);
    const place = placeOf(at, known);
    return place && path.startsWith('/') ? [{ ...below(place, [path.slice(1)]), directory: true }] : [];
  });
}

/** `new URL('./views', import.meta.url)`. */
function inUrls(code: string): NamedPath[] {
  const url = new RegExp(String.raw`\bURL\(\s*(?<text>${literal})\s*,\s*import\.meta\.url\b`, 'g');
  return Array.from(code.matchAll(url), ({ groups }) => ({
    ...below({ from: 'module', path: '.' }, literals(groups!.text!)),
    directory: true,
  }));
}

/** What is meant by such a name is a directory: `{ views: 'pages' }`, `app.set('views', 'pages')`, `const mailDir = 'mails'`. */
const directoryNames = String.raw`(?:[\w$]*(?:[vV]iews?|[pP]artials|[lL]ayouts|[tT]emplates|[lL]ocales|[dD]ir|[dD]irectory|[fF]older|[rR]oot))`;

/** Literals that could be paths, wherever they are: with a slash, or of a name that says so. A module also looks beside itself then. */
function mentioned(code: string): NamedPath[] {
  const named = new RegExp(String.raw`(?<![\w$])["']?${directoryNames}["']?\s*[:=,]\s*(?<text>${literal})`, 'g');
  const begun = /`(?<text>(?:\.\/)?[\w@-][\w@.-]*\/(?:[\w@.-]+\/)*)[^`/\n\\$]*\$\{/g;
  const texts = [
    ...Array.from(code.matchAll(named), ({ groups }) => literals(groups!.text!)[0]!),
    ...withSlash(code),
    ...Array.from(code.matchAll(begun), ({ groups }) => groups!.text!),
  ].filter((text) => /^(?:\.\/)?[\w@][^\s:*?"<>|{}]*$/.test(text));
  const modulePlaces = places.filter(([, from]) => from === 'module').map(([expression]) => expression);
  const looksBeside = new RegExp(String.raw`(?<![\w$])(?:${modulePlaces.join('|')})`).test(code);
  const froms = looksBeside ? (['root', 'module'] as const) : (['root'] as const);
  return texts.flatMap((text) =>
    froms.map((from) => ({ ...below({ from, path: '.' }, [text]), directory: true, mentioned: true as const })),
  );
}

/** Where a literal stands after this, it names a module. */
const specifier = new RegExp(String.raw`(?<![\w$])(?:${[...loading].join('|')})\s*\(?\s*$`);

function withSlash(code: string): string[] {
  return Array.from(code.matchAll(new RegExp(literal, 'g')), ({ 0: text, index }) =>
    text.includes('/') && !specifier.test(code.slice(Math.max(0, index - 50), index)) ? [text.slice(1, -1)] : [],
  ).flat();
}

function below({ from, path }: Place, parts: readonly string[]): Place {
  return { from, path: posix.join(path, ...parts).replace(/(?<=.)\/$/, '') };
}

function literals(text: string): string[] {
  return Array.from(text.matchAll(new RegExp(literal, 'g')), ([one]) => one.slice(1, -1));
}

function upToSlash(text: string): string {
  return text.slice(0, text.lastIndexOf('/') + 1);
}
