import type { ts } from '@ts-morph/common';
import type { Application } from './discover.ts';
import type { Graph, Operation, ResourceReference } from './graph.ts';
import type { Report } from './report.ts';
import type { Schemas } from './schemas.ts';
import type { ServiceIndex } from './services.ts';
import type { Declared, Site } from './sites.ts';

/** What every recogniser works with: the checked program on one side, the growing graph on the other. */
export interface Context {
  application: Application;
  program: ts.Program;
  checker: ts.TypeChecker;
  /** Symbol → `module#name` of what `encore.dev` exports. */
  exports: ReadonlyMap<ts.Symbol, string>;
  services: ServiceIndex;
  schemas: Schemas;
  report: Report;
  graph: Graph;
  /** What a variable, or a generated function, stands for. */
  bindings: Map<ts.Symbol, Bound>;
  /** References that a declaration has understood by itself, such as the topic of a subscription. */
  understood: Set<ts.Node>;
}

export interface Bound {
  resource: ResourceReference;
  uses: Uses;
}

/** What may be done with a resource, and what it takes. `free` takes nothing. Everything else lets it escape the analysis. */
export interface Uses {
  members?: Readonly<Record<string, Operation | 'free'>>;
  call?: Operation | 'free';
  /** Any mention at all. */
  value?: Operation | 'free';
}

/** One kind of resource: how it is declared, and what a declaration adds to the graph. */
export interface Recogniser extends Declared {
  recognise(site: Site, context: Context): void | Promise<void>;
}
