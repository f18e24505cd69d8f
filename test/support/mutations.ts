import { Buffer } from 'node:buffer';
import { ts } from '@ts-morph/common';
import fc from 'fast-check';

/** A file of an application: any bytes, as they may lie on a disk. */
export interface InputFile {
  path: string;
  content: Buffer;
}

/** A change of one file. Files are indices, taken modulo their count; places are parts of the whole, from 0 to 1. */
export type Mutation =
  | { kind: 'text'; file: number; at: number; length: number; insert: string }
  | { kind: 'token'; file: number; at: number; action: (typeof tokenActions)[number]; other: number }
  | { kind: 'splice'; file: number; at: number; length: number; from: number; fromAt: number; fromLength: number }
  | { kind: 'bytes'; file: number; at: number; length: number; insert: readonly number[] }
  | { kind: 'truncate'; file: number; at: number }
  | { kind: 'line ends'; file: number; end: string }
  | { kind: 'shape'; file: number; shape: keyof typeof shapes; size: number };

const tokenActions = ['delete', 'duplicate', 'swap', 'replace'] as const;

/** What may stand where something else stood. */
const snippets = [
  '',
  ' ',
  '(',
  '}',
  '`',
  "'",
  '${',
  '/*',
  ';',
  ',',
  '=>',
  '@',
  '\0',
  '\u2028',
  'export ',
  'new ',
  'any',
  'never',
  'undefined',
  'import ',
  'async ',
  '...',
  'type X = X;',
  'class { ',
  'SELECT',
  '--',
  '$$',
  '\uD800',
];

/** Bytes that are no text, or odd ones: broken UTF-8, NUL, byte order marks of three encodings. */
const oddBytes = [
  [0xff],
  [0xc3, 0x28],
  [0xed, 0xa0, 0x80],
  [0xf8, 0x88],
  [0x00],
  [0xef, 0xbb, 0xbf],
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/** Statements that are legal, and large in one way. */
export const shapes = {
  parentheses: (n) => `export const deep = ${'('.repeat(n)}1${')'.repeat(n)};`,
  'open parentheses': (n) => `export const deep = ${'('.repeat(n)}`,
  arrays: (n) => `export const deep = ${'['.repeat(n)}${']'.repeat(n)};`,
  objects: (n) => `export const deep = ${'{a:'.repeat(n)}1${'}'.repeat(n)};`,
  templates: (n) => `export const deep = ${'`${'.repeat(n)}1${'}`'.repeat(n)};`,
  arrows: (n) => `export const deep = ${'() => '.repeat(n)}1;`,
  conditions: (n) => `export const deep = ${'true ? 1 : '.repeat(n)}1;`,
  negations: (n) => `export const deep = ${'!'.repeat(n)}1;`,
  sums: (n) => `export const deep = 1${' + 1'.repeat(n)};`,
  texts: (n) => `export const deep = ''${" + 'a'".repeat(n)};`,
  members: (n) => `export const deep = (globalThis as any)${'.a'.repeat(n)};`,
  calls: (n) => `export const deep = (globalThis as any)${'()'.repeat(n)};`,
  'calls within calls': (n) => `export const deep = ${'String('.repeat(n)}1${')'.repeat(n)};`,
  blocks: (n) => `${'{'.repeat(n)}${'}'.repeat(n)}`,
  functions: (n) => `${'function f() {'.repeat(n)}${'}'.repeat(n)}`,
  branches: (n) => `if (1) {} ${'else if (1) {} '.repeat(n)}`,
  casts: (n) => `export const deep = 1${' as any'.repeat(n)};`,
  'types in types': (n) => `export type Deep = ${'Array<'.repeat(n)}1${'>'.repeat(n)};`,
  'array types': (n) => `export type Deep = string${'[]'.repeat(n)};`,
  'object types': (n) => `export type Deep = ${'{a:'.repeat(n)}1${'}'.repeat(n)};`,
  'conditional types': (n) => `export type Deep<T> = ${'T extends 1 ? 2 : '.repeat(n)}3;`,
  'key types': (n) => `export type Deep = ${'keyof '.repeat(n)}string;`,
  unions: (n) => `export type Deep = ${Array.from({ length: n }, (_, index) => `'m${index}'`).join(' | ')};`,
  intersections: (n) =>
    `export type Deep = ${Array.from({ length: n }, (_, index) => `{ m${index}: 1 }`).join(' & ')};`,
  'a response of a deep type': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\nexport const deep = deepApi({}, async (): Promise<${'{a:'.repeat(n)}{}${'}'.repeat(n)}> => ({}) as never);`,
  'a response of a large union': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\nexport const deep = deepApi({}, async (): Promise<{ a: ${Array.from({ length: n }, (_, index) => `'m${index}'`).join(' | ')} }> => ({}) as never);`,
  'a large number': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\nexport const deep = deepApi({ bodyLimit: 1${' + 1'.repeat(n)} }, async () => {});`,
  'a long path': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\nexport const deep = deepApi({ path: '${'/a'.repeat(n)}' }, async () => {});`,
  'a long chain of constants': (n) =>
    Array.from({ length: n }, (_, index) => `const c${index} = ${index === 0 ? '1' : `c${index - 1}`};`).join(''),
  'a long chain of types': (n) =>
    `${Array.from({ length: n }, (_, index) => `type C${index} = { a: ${index === 0 ? '1' : `C${index - 1}`} };`).join('')}export type Deep = C${n - 1};`,
  'a response of a long chain of types': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\n${Array.from({ length: n }, (_, index) => `type C${index} = { a: ${index === 0 ? '1' : `C${index - 1}`} };`).join('')}export const deep = deepApi({}, async (): Promise<C${n - 1}> => ({}) as never);`,
  'a response of a type that grows': (n) =>
    `import { api as deepApi } from 'encore.dev/api';\ntype Grow<T, N extends unknown[]> = N['length'] extends ${n} ? T : Grow<{ a: T }, [...N, 1]>;\nexport const deep = deepApi({}, async (): Promise<{ a: Grow<1, []> }> => ({}) as never);`,
  'a query of a large text': (n) =>
    `import { SQLDatabase as DeepDatabase } from 'encore.dev/storage/sqldb';\nconst deepDb = new DeepDatabase('deep');\nexport const deep = () => deepDb.query\`SELECT ${'('.repeat(n)}1${')'.repeat(n)}\`;`,
  json: (n) => `{"a":${'['.repeat(n)}${']'.repeat(n)}}`,
  'a long line': (n) => `export const long = '${'x'.repeat(n * 20)}';`,
  'a long comment': (n) => `/*${'*'.repeat(n * 20)}*/ // ${'/'.repeat(n * 20)}`,
  'many statements': (n) => 'export {};\n'.repeat(n),
  sql: (n) => `SELECT ${'('.repeat(n)}1${')'.repeat(n)};`,
  'sql in sql': (n) => `${'SELECT * FROM ('.repeat(n)}SELECT 1${') a'.repeat(n)};`,
} satisfies Record<string, (size: number) => string>;

/** Mutations of any kind; the sizes of what is large are among these. */
export function mutations(sizes: readonly number[]): fc.Arbitrary<Mutation> {
  const file = fc.nat(1000);
  const at = fc.nat(9999).map((part) => part / 10_000);
  const kind = <Kind extends Mutation['kind']>(name: Kind) => fc.constant(name);
  const names = Object.keys(shapes) as (keyof typeof shapes)[];
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        kind: kind('text'),
        file,
        at,
        length: fc.nat(40),
        insert: fc.oneof(fc.constantFrom(...snippets), fc.string({ maxLength: 8 })),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: kind('token'), file, at, action: fc.constantFrom(...tokenActions), other: at }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: kind('splice'),
        file,
        at,
        length: fc.nat(200),
        from: file,
        fromAt: at,
        fromLength: fc.nat(400),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: kind('bytes'),
        file,
        at: fc.oneof(fc.constant(0), at),
        length: fc.nat(4),
        insert: fc.oneof(fc.constantFrom(...oddBytes), fc.array(fc.nat(255), { maxLength: 8 })),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: kind('truncate'), file, at }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: kind('line ends'), file, end: fc.constantFrom('\r\n', '\r', '\u2028', '') }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: kind('shape'),
        file,
        shape: fc.constantFrom(...names),
        size: fc.constantFrom(...sizes),
      }),
    },
  );
}

/** The files after all mutations, one after the other. */
export function mutate(files: readonly InputFile[], changes: readonly Mutation[]): InputFile[] {
  return changes.reduce<InputFile[]>(
    (current, change) => {
      const index = change.file % current.length;
      const target = current[index]!;
      return current.with(index, { ...target, content: mutated(target, change, current) });
    },
    [...files],
  );
}

function mutated({ content }: InputFile, change: Mutation, files: readonly InputFile[]): Buffer {
  const text = content.toString('utf8');
  const place = 'at' in change ? Math.floor(change.at * text.length) : 0;
  switch (change.kind) {
    case 'text':
      return Buffer.from(text.slice(0, place) + change.insert + text.slice(place + change.length));
    case 'token':
      return Buffer.from(changeToken(text, change));
    case 'splice': {
      const other = files[change.from % files.length]!.content.toString('utf8');
      const start = Math.floor(change.fromAt * other.length);
      const piece = other.slice(start, start + change.fromLength);
      return Buffer.from(text.slice(0, place) + piece + text.slice(place + change.length));
    }
    case 'bytes': {
      const start = Math.floor(change.at * content.length);
      const rest = content.subarray(start + change.length);
      return Buffer.concat([content.subarray(0, start), Buffer.from(change.insert), rest]);
    }
    case 'truncate':
      return content.subarray(0, Math.floor(change.at * content.length));
    case 'line ends':
      return Buffer.from(text.replace(/\r?\n/g, change.end));
    case 'shape':
      return Buffer.concat([content, Buffer.from(`\n${shapes[change.shape](change.size)}\n`)]);
  }
}

function changeToken(text: string, { at, action, other }: Extract<Mutation, { kind: 'token' }>): string {
  const tokens = tokensOf(text);
  const index = Math.floor(at * tokens.length);
  const otherIndex = Math.floor(other * tokens.length);
  const token = tokens[index];
  const second = tokens[otherIndex];
  if (token === undefined || second === undefined) return text;
  const changed = {
    delete: () => tokens.toSpliced(index, 1),
    duplicate: () => tokens.toSpliced(index, 0, token),
    swap: () => tokens.with(index, second).with(otherIndex, token),
    replace: () => tokens.with(index, second),
  }[action]();
  return changed.join('');
}

/** The whole text as tokens, each with the space before it. */
function tokensOf(text: string): string[] {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.JSX, text);
  const tokens: string[] = [];
  let start = 0;
  while (scanner.scan() !== ts.SyntaxKind.EndOfFileToken) {
    const end = scanner.getTokenEnd();
    if (end <= start) break;
    tokens.push(text.slice(start, end));
    start = end;
  }
  return [...tokens, text.slice(start)];
}
