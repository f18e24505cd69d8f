import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Disk } from '../../analyzer/disk.ts';
import { changedFiles, type Trace, unchanged } from '../../analyzer/disk-trace.ts';

let root: string;
/** What traces are relative to: some of what is asked for lies outside. */
let base: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'fairlead-disk-')));
  base = join(root, 'base');
  mkdirSync(base);
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const at = (path: string) => join(base, path);

test('answers once, and with what is there', () => {
  mkdirSync(at('a'));
  writeFileSync(at('a/x.ts'), '\uFEFFold');
  symlinkSync('a', at('link'));
  const disk = new Disk(base);
  expect(disk.read(at('a/x.ts'))).toBe('old');
  expect(disk.bytes(at('a/x.ts'))?.length).toBe(6);
  writeFileSync(at('a/x.ts'), 'new');
  expect(disk.read(at('a/x.ts'))).toBe('old');
  expect(disk.read(at('a/y.ts'))).toBeUndefined();
  expect(disk.read(at('a/x.ts/y.ts'))).toBeUndefined();
  expect(disk.read(at('a\0'))).toBeUndefined();
  expect(() => disk.read(at('a'))).toThrow('EISDIR');
  expect(() => disk.read(at('a'))).toThrow('EISDIR');
  expect(disk.list(base)).toEqual([
    { name: 'a', kind: 'directory' },
    { name: 'link', kind: 'link' },
  ]);
  expect(disk.list(at('b'))).toBeUndefined();
  expect([disk.fileExists(at('link/x.ts')), disk.fileExists(at('link'))]).toEqual([true, false]);
  expect([disk.directoryExists(at('link')), disk.directoryExists(at('a/x.ts'))]).toEqual([true, false]);
  expect(disk.realpath(at('link/x.ts'))).toBe(at('a/x.ts'));
  expect(disk.realpath(at('nowhere'))).toBe(at('nowhere'));
});

test('leaves out of the trace what follows from the rest of it', () => {
  mkdirSync(at('a'));
  writeFileSync(at('a/x.ts'), 'x');
  const disk = new Disk(base);
  disk.list(at('a'));
  disk.read(at('a/x.ts'));
  for (const name of ['a/x.ts', 'a/y.ts', 'a/node_modules']) disk.fileExists(at(name));
  disk.directoryExists(at('a'));
  disk.directoryExists(at('a/node_modules'));
  expect(disk.trace().probes).toEqual({});
  disk.fileExists(join(root, 'package.json'));
  disk.fileExists(at('b/y.ts'));
  disk.directoryExists(at('b'));
  expect(JSON.parse(JSON.stringify(disk.trace().probes))).toEqual({
    '..': { 'package.json': 1 },
    b: { '': 4, 'y.ts': 1 },
  });
});

test('holds wherever the base lies', () => {
  writeFileSync(at('x.ts'), 'x');
  writeFileSync(join(root, 'y.ts'), 'y');
  const disk = new Disk(base);
  disk.read(at('x.ts'));
  disk.read(join(root, 'y.ts'));
  disk.directoryExists(root);
  disk.directoryExists(base);
  disk.fileExists(at('z.ts'));
  disk.realpath(at('x.ts'));
  const other = join(root, 'other', 'base');
  mkdirSync(other, { recursive: true });
  writeFileSync(join(other, 'x.ts'), 'x');
  expect(unchanged(disk.trace(), other)).toBe(false);
  writeFileSync(join(root, 'other', 'y.ts'), 'y');
  expect(unchanged(disk.trace(), other)).toBe(true);
});

type Method = 'read' | 'fileExists' | 'directoryExists' | 'list' | 'realpath';
type Question = { method: Method; path: string };
type Edit = { path: string } & (
  | { what: 'file'; text: string }
  | { what: 'directory' | 'nothing' }
  | { what: 'link'; to: string }
);

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', '__proto__');
const path = fc.oneof(
  { weight: 1, arbitrary: fc.constant('.') },
  { weight: 9, arbitrary: fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('/')) },
  { weight: 2, arbitrary: name.map((name) => `../${name}`) },
);
const edit: fc.Arbitrary<Edit> = path
  .filter((path) => path !== '.')
  .chain((path) =>
    fc.oneof(
      fc.record({ path: fc.constant(path), what: fc.constant('file' as const), text: fc.constantFrom('', '1', '2') }),
      fc.record({ path: fc.constant(path), what: fc.constantFrom('directory' as const, 'nothing' as const) }),
      fc.record({
        path: fc.constant(path),
        what: fc.constant('link' as const),
        to: name.map((name) => join(base, name)),
      }),
    ),
  );
const question: fc.Arbitrary<Question> = fc.record({
  method: fc.constantFrom('read', 'fileExists', 'directoryExists', 'list', 'realpath'),
  path,
});

/** Links make some edits impossible; those are left out. */
function apply(edit: Edit): void {
  const path = at(edit.path);
  try {
    rmSync(path, { recursive: true, force: true });
    if (edit.what === 'nothing') return;
    mkdirSync(dirname(path), { recursive: true });
    if (edit.what === 'file') writeFileSync(path, edit.text);
    else if (edit.what === 'link') symlinkSync(edit.to, path);
    else mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined && !/symbolic links/.test(String(error))) throw error;
  }
}

function ask(disk: Disk, { method, path }: Question): string {
  try {
    const answer = JSON.stringify(disk[method](at(path)));
    return answer ?? 'undefined';
  } catch (error) {
    return `! ${(error as NodeJS.ErrnoException).code}`;
  }
}

test('a trace is unchanged exactly when a fresh Disk gives the same answers', () => {
  let [same, different] = [0, 0];
  fc.assert(
    fc.property(
      fc.array(edit, { maxLength: 12 }),
      fc.array(question, { minLength: 1, maxLength: 25 }),
      fc.array(edit, { maxLength: 3 }),
      (before, questions, after) => {
        rmSync(root, { recursive: true, force: true });
        mkdirSync(base, { recursive: true });
        for (const step of before) apply(step);
        const disk = new Disk(base);
        const answers = questions.map((question) => ask(disk, question));
        const trace = JSON.parse(JSON.stringify(disk.trace())) as Trace;
        expect(unchanged(trace, base)).toBe(true);
        for (const step of after) apply(step);
        const fresh = new Disk(base);
        const changes = questions.flatMap((question, index) => {
          const [then, now] = [answers[index] ?? '', ask(fresh, question)];
          if (then === now) return [];
          const content = question.method === 'read' && then.startsWith('"') && now.startsWith('"');
          return [content ? at(question.path) : undefined];
        });
        if (changes.length === 0) same++;
        else different++;
        expect(unchanged(trace, base)).toBe(changes.length === 0);
        const { files, other } = changedFiles(trace, base);
        expect([...files].sort()).toEqual([...new Set(changes.filter((file) => file !== undefined))].sort());
        expect(other).toBe(changes.includes(undefined));
      },
    ),
    { numRuns: 400 },
  );
  expect(Math.min(same, different)).toBeGreaterThan(40);
});

test('compares thousands of files and probes in little time', () => {
  for (let directory = 0; directory < 200; directory++) {
    mkdirSync(at(`d${directory}`));
    for (let file = 0; file < 10; file++)
      writeFileSync(at(`d${directory}/f${file}.ts`), `${directory} ${file}`.repeat(2000));
  }
  const disk = new Disk(base);
  for (let directory = 0; directory < 200; directory++) {
    for (let file = 0; file < 10; file++) disk.read(at(`d${directory}/f${file}.ts`));
    for (let probe = 0; probe < 50; probe++) disk.fileExists(at(`d${directory}/node_modules/${probe}.ts`));
  }
  const trace = disk.trace();
  const times = Array.from({ length: 5 }, () => {
    const start = process.cpuUsage();
    expect(unchanged(trace, base)).toBe(true);
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  // Measured: 40 ms. The bound leaves room for a machine that is busy or slow.
  expect(Math.min(...times)).toBeLessThan(200);
});
