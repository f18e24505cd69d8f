import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { Project } from 'ts-morph';

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

function importsOf(folders: string[]): Import[] {
  const project = new Project({ skipAddingFilesFromTsConfig: true, compilerOptions: { allowJs: true } });
  for (const folder of folders) {
    const path = join(root, folder);
    if (!existsSync(path)) continue;
    project.addSourceFilesAtPaths(
      folder.endsWith('.ts') ? path : [`${path}/**/*.ts`, `!${path}/**/dist/**`, `!${path}/**/node_modules/**`],
    );
  }
  return project.getSourceFiles().flatMap((file) => {
    const from = relative(root, file.getFilePath());
    const declared = [...file.getImportDeclarations(), ...file.getExportDeclarations()].flatMap((declaration) => {
      const specifier = declaration.getModuleSpecifierValue();
      return specifier === undefined ? [] : [{ specifier, typeOnly: declaration.isTypeOnly() }];
    });
    const dynamic = file
      .getImportStringLiterals()
      .map((literal) => ({ specifier: literal.getLiteralValue(), typeOnly: false }))
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
  const file = new Project({ skipAddingFilesFromTsConfig: true }).addSourceFileAtPath(join(root, wire));
  const kinds = file.getStatementsWithComments().map((s) => s.getKindName());
  expect(kinds.filter((kind) => !/InterfaceDeclaration|TypeAliasDeclaration|Comment/.test(kind))).toEqual([]);
});
