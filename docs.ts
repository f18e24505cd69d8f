// `npm run docs`: writes the parts of docs/, and the published schema, that follow from the sources. Tests compare, so that they
// cannot drift.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { createGenerator } from 'ts-json-schema-generator';
import { parse } from 'yaml';
import { definitions } from './actions/definitions.ts';
import { readmes } from './actions/readmes.ts';
import { replacingTable } from './cdk/foresee/read-spec.ts';
import { createProgram } from './cli/program.ts';
import { validators } from './validators.ts';

const root = new URL('./', import.meta.url);
const docs = new URL('docs/', root);

/** Path in the repository → its text as it should be. */
export async function generated(): Promise<Record<string, string>> {
  const made = await definitions();
  return {
    'docs/cli.md': withPart('cli.md', reference()),
    'docs/errors.md': errorsPage(),
    'docs/github.md': withPart('github.md', workflowInterfaces()),
    'cdk/foresee/replacing.gen.ts': await replacingTable(),
    ...schemas(),
    ...validators(),
    ...made,
    ...readmes(fileURLToPath(root), made),
  };
}

/** What types say, as JSON Schema 2020-12. */
function schemas(): Record<string, string> {
  // The module of releases knows both, and reading the types takes the time.
  const generator = createGenerator({
    path: fileURLToPath(new URL('pipeline/release.ts', root)),
    tsconfig: fileURLToPath(new URL('tsconfig.json', root)),
    topRef: false,
    encodeRefs: false,
    sortProps: false,
    // `npm run check` checks the types, with the compiler that they are written for.
    skipTypeCheck: true,
  });
  const schemaOf = (type: string, id: string, title: string): string => {
    const { $schema: _, definitions, ...top } = generator.createSchema(type);
    const schema = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:fairlead:${id}`,
      title,
      ...top,
      $defs: definitions,
    };
    return `${JSON.stringify(schema, null, 2).replaceAll('"$ref": "#/definitions/', '"$ref": "#/$defs/')}\n`;
  };
  return {
    'analyzer/graph.schema.json': schemaOf('Graph', 'graph:2', 'Fairlead graph'),
    'pipeline/release.schema.json': schemaOf('ReleaseContent', 'release:2', 'Fairlead release'),
  };
}

/** One page out of the sections in docs/errors/, ordered by code. It lies one directory higher, and so its links begin there. */
function errorsPage(): string {
  const sections = readdirSync(new URL('errors/', docs))
    .flatMap((file) => read(`errors/${file}`).split(/^(?=## FL\d{4})/m))
    .filter((section) => section.startsWith('## FL'))
    .sort();
  const intro =
    '<!-- Made by `npm run docs` from docs/errors/. -->\n\n# Errors\n\n' +
    'Every error that you can mend has a code. FL1xxx: analysis; FL2xxx: build; FL3xxx: pipeline and `fairlead.json`; ' +
    'FL4xxx: this machine; FL5xxx: command line; FL60xx to FL63xx: GitHub; other FL6xxx: runtime.';
  return `${[intro, ...sections.map((section) => section.trim().replaceAll('](../', ']('))].join('\n\n')}\n`;
}

const [begin, end] = ['<!-- reference: made by `npm run docs` -->', '<!-- end of reference -->'];

/** A page with the part between its marks replaced. */
function withPart(name: string, part: string): string {
  const [before, rest] = read(name).split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`docs/${name} lacks ${begin} or ${end}`);
  return `${before}${begin}\n\n${part}\n${end}${after}`;
}

interface Callable {
  on: { workflow_call: Record<'inputs' | 'outputs', Record<string, Described> | undefined> };
}

interface Described {
  description: string;
  required?: boolean;
  default?: string | boolean;
}

/** What the workflows that others call take and give: one row per name, however many of them have it. */
function workflowInterfaces(): string {
  const files = ['preview', 'production', 'rollback', 'cleanup', 'fork-preview'];
  const called = files.map((name) => {
    const text = readFileSync(new URL(`.github/workflows/${name}.yml`, root), 'utf8');
    return { name, call: (parse(text) as Callable).on.workflow_call };
  });
  const table = (kind: 'inputs' | 'outputs') => {
    const names = new Set(called.flatMap(({ call }) => Object.keys(call[kind] ?? {})));
    const rows = [...names].map((name) => {
      const having = called.filter(({ call }) => call[kind]?.[name]);
      const { description, required, default: value } = having[0]!.call[kind]![name]!;
      const notes = required ? ' Required.' : value === undefined ? '' : ` Default: \`${value}\`.`;
      const where = having.length === called.length ? 'all' : having.map((one) => one.name).join(', ');
      return `| \`${name}\` | ${description}${notes} | ${where} |\n`;
    });
    return `| ${kind === 'inputs' ? 'Input' : 'Output'} | Meaning | Of |\n|---|---|---|\n${rows.join('')}`;
  };
  return `${table('inputs')}\n${table('outputs')}`;
}

function reference(): string {
  const program = createProgram(async () => {});
  // A command with sub-commands does something of its own when it takes arguments.
  const working = (command: Command): Command[] => [
    ...(command.commands.length === 0 || command.registeredArguments.length > 0 ? [command] : []),
    ...command.commands.flatMap((sub) => working(sub)),
  ];
  return ['### Global options', '', options(program), ...working(program).flatMap(describe)].join('\n');
}

function describe(command: Command): string[] {
  const name = [...ancestors(command), command.name()].join(' ');
  const parameters = command.registeredArguments.map((argument) => `- \`${argument.name()}\`: ${argument.description}`);
  return [
    `### ${name}`,
    '',
    `\`${name} ${command.usage()}\``,
    '',
    command.description(),
    '',
    ...(parameters.length > 0 ? [...parameters, ''] : []),
    ...(command.options.length > 0 ? [options(command)] : []),
  ];
}

function ancestors(command: Command): string[] {
  return command.parent ? [...ancestors(command.parent), command.parent.name()] : [];
}

function options(command: Command): string {
  const rows = command.options.map(({ flags, description, mandatory, defaultValue, argChoices }) => {
    const notes = [
      ...(mandatory ? ['required'] : []),
      ...(argChoices ? [`one of ${argChoices.join(', ')}`] : []),
      ...(typeof defaultValue === 'string' ? [`default: ${defaultValue}`] : []),
    ];
    return `| \`${flags}\` | ${description}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |\n`;
  });
  return `| Option | Meaning |\n|---|---|\n${rows.join('')}`;
}

function read(path: string): string {
  return readFileSync(new URL(path, docs), 'utf8');
}

if (import.meta.main) {
  for (const [path, text] of Object.entries(await generated())) writeFileSync(new URL(path, root), text);
}
