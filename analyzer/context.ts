import type { ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import type { Declaration, DeclarationReference, EndpointFact } from './facts.ts';
import type { Graph, Operation, ResourceReference } from './graph.ts';
import type { Report } from './report.ts';
import type { Schemas } from './schemas.ts';
import type { FoundService, ServiceIndex } from './services.ts';
import type { Form, Site } from './sites.ts';

/** What every recogniser reads declarations with: the checked program. */
export interface Reader {
  application: Application;
  /** The application's own files, by absolute path. */
  sources: ReadonlySet<string>;
  program: ts.Program;
  checker: ts.TypeChecker;
  /** Symbol → `module#name` of what `encore.dev` exports. */
  exports: ReadonlyMap<ts.Symbol, string>;
  schemas: Schemas;
  report: Report;
  clients: ClientSymbols;
  /** What has been followed already. */
  resolved: Map<ts.Symbol, Target | EndpointFact | undefined>;
  /** References that a declaration has understood by itself, such as the topic of a subscription. */
  understood: Set<ts.Node>;
}

/** What the generated clients are to the checker. */
export interface ClientSymbols {
  functions: ReadonlyMap<ts.Symbol, EndpointFact>;
  /** The modules of services, and their functions `ref`, each with the service's name. */
  modules: ReadonlyMap<ts.Symbol, string>;
  refs: ReadonlyMap<ts.Symbol, string>;
}

/** What every recogniser writes its declarations into the graph with. */
export interface Linker {
  graph: Graph;
  report: Report;
  services: ServiceIndex;
  /** What each declaration stands for, by its key. */
  resources: Map<string, ResourceReference>;
  /** All declarations, by their keys. */
  declarations: ReadonlyMap<string, Declaration>;
  /** Of a file by its relative path. */
  serviceOf(file: string): FoundService | undefined;
}

/** One kind of resource: how it is declared, what can be done with it, and what a declaration adds to the graph. */
// biome-ignore lint/suspicious/noExplicitAny: each recogniser reads back what it wrote.
export interface Recogniser<T = any> extends Form {
  uses?: Uses;
  /** What the declaration says, as data; undefined, and a report, when it says nothing that can be used. */
  read(site: Site, reader: Reader): T | undefined | Promise<T | undefined>;
  link(declaration: Declaration<T>, linker: Linker): void;
}

/** What may be done with a resource, and what it takes. */
export interface Uses {
  members?: Readonly<Record<string, MemberUse>>;
  call?: Operation;
  /** What it takes when anything else is done with it, which lets it out of sight; absent: that is an error. */
  escape?: Operation[];
}

export type MemberUse =
  | { kind: 'operations'; operations: Operation[] }
  /** What it gives, or promises, stands for the same resource; what it takes when nothing is done with that. */
  | { kind: 'same'; otherwise?: Operation[] }
  /** The statement is its template or its first argument. */
  | { kind: 'statement' }
  /** `ref<P>()`: what it gives may go anywhere, and does what its permissions say. By the permission's name in the module. */
  | { kind: 'reference'; module: string; permissions: Readonly<Record<string, Operation[]>>; otherwise?: Operation[] };

export const free: MemberUse = { kind: 'operations', operations: [] };

export function takes(...operations: Operation[]): MemberUse {
  return { kind: 'operations', operations };
}

/** What an expression stands for. */
export type Target = DeclarationReference & { declares: string };
