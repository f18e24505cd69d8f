import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { ts } from 'ts-morph';

const root = resolve(import.meta.dirname, '..');

/** Top-level folder → the folders whose code it may import, besides itself. */
const law: Record<string, string[]> = {
  analyzer: [],
  runtime: [],
  pipeline: ['analyzer'],
  images: ['analyzer', 'pipeline'],
  cdk: ['pipeline', 'images'],
  gcloud: ['pipeline', 'images'],
  local: ['pipeline', 'images'],
  'targets.ts': ['cdk', 'gcloud', 'local', 'pipeline', 'images'],
  cli: ['analyzer', 'pipeline', 'images', 'cdk', 'gcloud', 'local', 'targets.ts', 'github'],
  github: ['analyzer', 'pipeline'],
  actions: ['analyzer', 'pipeline', 'images', 'cdk', 'gcloud', 'local', 'targets.ts', 'github'],
};

/** The one file everyone may import: types of the runtime's configuration, no code. */
const wire = 'runtime/wire.ts';

interface Import {
  from: string;
  to: string;
  typeOnly: boolean;
}

function sourcesOf(folder: string): string[] {
  if (folder.endsWith('.ts')) return [folder];
  const left = new Set(['dist', 'node_modules']);
  return globSync(`${folder}/**/*.ts`, { cwd: root, exclude: (path) => left.has(basename(path)) });
}

function importsOf(folders: string[]): Import[] {
  return folders.flatMap(sourcesOf).flatMap((from) => {
    const text = readFileSync(join(root, from), 'utf8');
    const declared = ts.createSourceFile(from, text, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
      const { moduleSpecifier } = statement;
      if (!moduleSpecifier || !ts.isStringLiteral(moduleSpecifier)) return [];
      const typeOnly = ts.isImportDeclaration(statement)
        ? statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
        : statement.isTypeOnly;
      return [{ specifier: moduleSpecifier.text, typeOnly }];
    });
    const dynamic = ts
      .preProcessFile(text)
      .importedFiles.map(({ fileName }) => ({ specifier: fileName, typeOnly: false }))
      .filter(({ specifier }) => !declared.some((d) => d.specifier === specifier));
    return [...declared, ...dynamic]
      .filter(({ specifier }) => specifier.startsWith('.'))
      .map(({ specifier, typeOnly }) => ({
        from,
        to: relative(root, resolve(root, dirname(from), specifier)),
        typeOnly,
      }));
  });
}

function breaches(imports: Import[]): string[] {
  return imports
    .filter(({ from, to, typeOnly }) => {
      const [source, target] = [from.split('/')[0]!, to.split('/')[0]!];
      if (source === target || (to === wire && typeOnly)) return false;
      return !law[source]?.includes(target);
    })
    .map(({ from, to }) => `${from} → ${to}`);
}

test('every folder imports only what the law allows', () => {
  const imports = importsOf(Object.keys(law));
  expect(imports.length).toBeGreaterThan(0);
  expect(breaches(imports)).toEqual([]);
});

test('the law is able to fail', () => {
  expect(
    breaches([
      { from: 'analyzer/a.ts', to: 'pipeline/b.ts', typeOnly: false },
      { from: 'local/a.ts', to: 'cdk/b.ts', typeOnly: true },
      { from: 'local/a.ts', to: wire, typeOnly: false },
      { from: 'local/a.ts', to: wire, typeOnly: true },
      { from: 'cli/a.ts', to: 'targets.ts', typeOnly: false },
    ]),
  ).toEqual(['analyzer/a.ts → pipeline/b.ts', 'local/a.ts → cdk/b.ts', `local/a.ts → ${wire}`]);
});

test('wire.ts holds types only', () => {
  const { statements } = ts.createSourceFile(wire, readFileSync(join(root, wire), 'utf8'), ts.ScriptTarget.Latest);
  const kinds = statements.map(({ kind }) => ts.SyntaxKind[kind]);
  expect(kinds.filter((kind) => !/InterfaceDeclaration|TypeAliasDeclaration/.test(kind))).toEqual([]);
});
