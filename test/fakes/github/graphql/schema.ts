import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  buildASTSchema,
  type DocumentNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  parse,
  print,
  type TypeNode,
} from 'graphql';

/** The types of GitHub's that the fake answers for; what leads to others is left out, and a query for it is a violation. */
const known = new Set([
  'Query',
  'Node',
  'User',
  'Deployment',
  'DeploymentStatus',
  'DeploymentStatusConnection',
  'PageInfo',
]);
const leaves = new Set(['ScalarTypeDefinition', 'EnumTypeDefinition']);
const form = 2;

let schema: GraphQLSchema | undefined;

/**
 * GitHub's published GraphQL schema in `@octokit/graphql-schema`, cut down to what the fake knows. To read all of it takes a second,
 * and so the rest is kept under node_modules/.cache.
 */
export function loadSchema(): GraphQLSchema {
  schema ??= buildASTSchema(parse(readCut()), { assumeValid: true });
  return schema;
}

const modules = new URL('../../../../node_modules/', import.meta.url);

function readCut(): string {
  const source = new URL('@octokit/graphql-schema/', modules);
  const { version } = JSON.parse(readFileSync(new URL('package.json', source), 'utf8')) as { version: string };
  const cache = fileURLToPath(new URL(`.cache/fairlead-tests/github-${version}-${form}.graphql`, modules));
  if (existsSync(cache)) return readFileSync(cache, 'utf8');
  const cut = print(cutDown(parse(readFileSync(new URL('schema.graphql', source), 'utf8'))));
  mkdirSync(dirname(cache), { recursive: true });
  const partial = `${cache}.${process.pid}`;
  writeFileSync(partial, cut);
  renameSync(partial, cache);
  return cut;
}

function cutDown(document: DocumentNode): DocumentNode {
  const names = new Set(
    document.definitions.flatMap((one) =>
      'name' in one && one.name && (known.has(one.name.value) || leaves.has(one.kind)) ? [one.name.value] : [],
    ),
  );
  const isKnown = ({ type, arguments: given = [] }: FieldDefinitionNode) =>
    names.has(nameOf(type)) &&
    given.every(
      (one) => names.has(nameOf(one.type)) || builtIn.has(nameOf(one.type)) || one.type.kind !== 'NonNullType',
    );
  const definitions = document.definitions.flatMap((one) => {
    if (leaves.has(one.kind)) return [withoutDirectives(one)];
    if (one.kind !== 'ObjectTypeDefinition' && one.kind !== 'InterfaceTypeDefinition') return [];
    if (!known.has(one.name.value)) return [];
    const fields = one.fields?.filter((field) => builtIn.has(nameOf(field.type)) || isKnown(field)) ?? [];
    return [
      {
        ...withoutDirectives(one),
        interfaces: one.interfaces?.filter(({ name }) => known.has(name.value)) ?? [],
        fields: fields.map((field) => ({
          ...withoutDirectives(field),
          arguments: field.arguments?.filter(({ type }) => names.has(nameOf(type)) || builtIn.has(nameOf(type))) ?? [],
        })),
      },
    ];
  });
  return { ...document, definitions: definitions as DocumentNode['definitions'] };
}

const builtIn = new Set(['ID', 'String', 'Int', 'Float', 'Boolean']);

function nameOf(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : nameOf(type.type);
}

function withoutDirectives<T extends object>(node: T): T {
  return { ...node, directives: [], description: undefined };
}
