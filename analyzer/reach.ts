import type { Linker } from './context.ts';
import type { Code, Facts, UseFact } from './facts.ts';
import type { Operation, ResourceReference, Use } from './graph.ts';
import { compare, comparePositions } from './report.ts';

/**
 * Who uses what. A service does what the code in its own directory does, what its modules do when they are loaded, and what the code
 * of other modules does that any of this mentions.
 */
export function usesOf(files: ReadonlyMap<string, Facts>, linker: Linker): Use[] {
  const code = codeOf(files);
  return linker.services.services.flatMap(({ name }) => {
    const own = [...files.keys()].filter((file) => linker.serviceOf(file)?.name === name);
    const uses = new Map<string, Use>();
    for (const { facts } of reached(own, files, code)) {
      for (const fact of facts.uses) for (const resource of resourcesOf(fact, linker)) add(uses, name, resource, fact);
    }
    return [...uses.values()].map(inOrder);
  });
}

interface Piece {
  file: string;
  facts: Code;
}

/** All code by its key; that which runs when a file is loaded, by the file. */
function codeOf(files: ReadonlyMap<string, Facts>): Map<string, Piece> {
  const all = new Map<string, Piece>();
  for (const [file, { code }] of files) {
    for (const [key, facts] of Object.entries(code)) all.set(key || file, { file, facts });
  }
  return all;
}

function reached(
  own: readonly string[],
  files: ReadonlyMap<string, Facts>,
  code: ReadonlyMap<string, Piece>,
): Set<Piece> {
  const found = new Set<Piece>();
  const loaded = new Set<string>();
  const open: string[] = [];
  const load = (file: string): void => {
    const facts = files.get(file);
    if (!facts || loaded.has(file)) return;
    loaded.add(file);
    open.push(file, ...facts.imports.map((imported) => `${imported}#load`));
  };
  for (const file of own) {
    load(file);
    open.push(`${file}#*`);
  }
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const [file = '', part] = key.split(/#(?=\*$|load$)/);
    if (part !== undefined) load(file);
    if (part === '*') open.push(...Object.keys(files.get(file)?.code ?? {}).filter(Boolean));
    const piece = code.get(key);
    if (!piece || found.has(piece)) continue;
    found.add(piece);
    open.push(...piece.facts.references);
  }
  return found;
}

function resourcesOf({ resource }: UseFact, { graph, resources }: Linker): ResourceReference[] {
  if ('key' in resource) return [resources.get(resource.key) ?? []].flat();
  const { service, endpoint } = resource;
  const endpoints = graph.services.find(({ name }) => name === service)?.endpoints ?? [];
  return endpoints
    .filter(({ name, kind }) => (endpoint === '*' ? kind !== 'assets' : name === endpoint))
    .map(({ name }) => ({ kind: 'endpoint', service, name }));
}

/** One edge per service and resource. */
function add(uses: Map<string, Use>, service: string, resource: ResourceReference, fact: UseFact): void {
  const key = JSON.stringify(resource);
  const use: Use = uses.get(key) ?? { service, resource, operations: [], causes: [] };
  if (!use.operations.includes(fact.operation)) use.operations.push(fact.operation);
  use.causes.push({ operation: fact.operation, position: fact.position });
  for (const { name, operations } of fact.tables ?? []) {
    use.tables ??= [];
    const table = use.tables.find((other) => other.name === name);
    if (!table) use.tables.push({ name, operations: [...operations] });
    else table.operations = [...new Set([...table.operations, ...operations])].sort();
  }
  uses.set(key, use);
}

function inOrder(use: Use): Use {
  const { operations, causes, tables, ...rest } = use;
  return {
    ...rest,
    operations: operations.sort(compare) as Operation[],
    causes: causes.sort((a, b) => comparePositions(a.position, b.position) || compare(a.operation, b.operation)),
    ...(tables && { tables: tables.sort((a, b) => compare(a.name, b.name)) }),
  };
}
