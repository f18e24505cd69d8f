import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from '@ts-morph/common';
import type { Context } from './context.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Application, discover } from './discover.ts';
import { type ClientSource, clientModule, generateClients } from './generate-clients.ts';
import type { Graph, ResourceReference } from './graph.ts';
import { checkImports } from './imports.ts';
import { createLoader } from './program.ts';
import { skipAlias } from './references.ts';
import { compare, Report } from './report.ts';
import { checkRoutes, endpoint, exportedName } from './resources/endpoint.ts';
import { recognisers } from './resources/mod.ts';
import { checkServices, explicitServices, isServiceFile } from './resources/service.ts';
import { subscription } from './resources/subscription.ts';
import { locateRuntime, moduleSymbol, runtimeExports } from './runtime.ts';
import { Schemas } from './schemas.ts';
import { clientName, type FoundService, findServices, ServiceIndex } from './services.ts';
import { findSites, type Site, wellPlaced } from './sites.ts';
import { checkSchemaTypes } from './type-errors.ts';
import { findUses } from './uses.ts';

export interface AnalyzeOptions {
  /** The directory of the application: the one with its `package.json`. */
  root: string;
  /** The directory of the runtime package that `encore.dev` stands for. @default the kit's own */
  runtime?: string;
}

export interface Analysis {
  /** Absent when there is an error among the diagnostics. */
  graph?: Graph;
  /** Everything that is wrong, sorted by place. */
  diagnostics: Diagnostic[];
}

/** Reads the sources of an application, without running them, into its Graph. Whatever is wrong with them is a diagnostic. */
export async function analyze(options: AnalyzeOptions): Promise<Analysis> {
  const root = resolve(options.root);
  const report = new Report(root);
  const graph = await read(root, options.runtime ?? fileURLToPath(new URL('../runtime', import.meta.url)), report);
  const diagnostics = report.diagnostics();
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  return { ...(graph && !failed && { graph }), diagnostics };
}

async function read(root: string, runtimeDirectory: string, report: Report): Promise<Graph | undefined> {
  const application = discover(root, report);
  if (!application) return undefined;
  const runtime = locateRuntime(runtimeDirectory);
  const load = createLoader(application, runtime, report);

  // First by symbols alone: what is declared, and which services that makes.
  const first = load([]);
  const files = application.files.flatMap((path) => first.getSourceFile(path) ?? []);
  const broken = checkSyntax(first, files, report);
  const exports = runtimeExports(runtime, first);
  const sites = findSites(files, first.getTypeChecker(), exports, recognisers);
  const services = servicesOf(sites, application, report);
  if (services.length === 0 && !broken) {
    report.error(
      'FL1003',
      undefined,
      'no services found',
      'Export an endpoint, `export const hello = api(…)`, or add an encore.service.ts.',
    );
  }

  // Then with types, for which the clients of those services have to be there.
  const clients = generateClients(clientSource(sites, services, first.getTypeChecker(), report));
  const program = files.some(({ text }) => text.includes('~encore/')) ? load(clients) : first;
  const checker = program.getTypeChecker();
  const context: Context = {
    application,
    program,
    checker,
    exports,
    services: new ServiceIndex(services),
    schemas: new Schemas({ root, checker, exports, report }),
    report,
    graph: emptyGraph(application.name, services, report),
    bindings: new Map(),
    understood: new Set(),
  };
  checkImports(files, { program, runtime, exports, clients: services.map(({ name }) => clientName(name)) }, report);
  const clientSymbols = bindClients(context);
  await recognise(sites, context);
  context.graph.uses = findUses(files, clientSymbols, context);
  checkRoutes(context);
  checkSchemaTypes(first, context);
  return sorted({ ...context.graph, schemas: context.schemas.named });
}

/** Reports syntax errors. What else is wrong in such a file may well come from them, so it is not reported. */
function checkSyntax(program: ts.Program, files: readonly ts.SourceFile[], report: Report): boolean {
  let broken = false;
  for (const file of files) {
    for (const { start, length, messageText } of program.getSyntacticDiagnostics(file)) {
      const at = report.span(file, start, start + length);
      const message = ts.flattenDiagnosticMessageText(messageText, ' ');
      report.error('FL1004', at, message, 'Correct the syntax.');
      broken = true;
    }
  }
  report.silenceBroken();
  return broken;
}

function servicesOf(sites: readonly Site[], application: Application, report: Report): FoundService[] {
  const explicit = explicitServices(sites, application.files.filter(isServiceFile), report);
  const implicit = sites
    .filter(({ declares }) => declares === endpoint.declares || declares === subscription.declares)
    .map(({ file, node }) => ({ file: file.fileName, position: report.positionOf(node) }));
  const services = findServices([...explicit, ...implicit], application);
  checkServices(services, report);
  return services;
}

/** The endpoints by name alone, before anything is known of their types. */
function clientSource(
  sites: readonly Site[],
  services: readonly FoundService[],
  checker: ts.TypeChecker,
  report: Report,
): ClientSource {
  const index = new ServiceIndex(services);
  const endpoints = new Map(services.map((service) => [service, new Map<string, { name: string; module: string }>()]));
  for (const site of sites) {
    const service = site.declares === endpoint.declares ? index.of(site.file.fileName) : undefined;
    const name = service && exportedName(site, checker);
    if (service && name !== undefined)
      endpoints.get(service)?.set(name, { name, module: report.relative(site.file.fileName) });
  }
  return {
    services: services.map((service) => ({
      name: service.name,
      endpoints: [...(endpoints.get(service)?.values() ?? [])],
    })),
  };
}

function emptyGraph(application: string, services: readonly FoundService[], report: Report): Graph {
  return {
    version: 2,
    application,
    settings: {},
    services: services.map(({ name, directory, declaration, position }) => ({
      name,
      directory: report.relative(directory),
      declaration,
      endpoints: [],
      subscriptions: [],
      middleware: [],
      position,
    })),
    databases: [],
    topics: [],
    buckets: [],
    caches: [],
    cronJobs: [],
    metrics: [],
    secrets: [],
    uses: [],
    schemas: {},
  };
}

async function recognise(sites: readonly Site[], context: Context): Promise<void> {
  for (const recogniser of recognisers) {
    for (const site of sites) {
      if (site.declares !== recogniser.declares || !wellPlaced(site, recogniser, context.report)) continue;
      await recogniser.recognise(site, context);
    }
  }
}

/** Lets the functions of the generated clients stand for their endpoints. Returns the module of each service. */
function bindClients({ application, program, checker, services, bindings }: Context): Map<ts.Symbol, string> {
  const modules = new Map<ts.Symbol, string>();
  for (const { name: service } of services.services) {
    const module = moduleSymbol(program, join(application.root, clientModule(service)));
    if (!module) continue;
    modules.set(module, service);
    for (const symbol of checker.getExportsOfModule(module)) {
      const resource = { kind: 'endpoint', service, name: symbol.name } as const;
      bindings.set(skipAlias(symbol, checker), { resource, uses: { value: 'call' } });
    }
  }
  return modules;
}

function sorted(graph: Graph): Graph {
  const byName = <T extends { name: string }>(list: T[]) => list.sort((a, b) => compare(a.name, b.name));
  for (const service of byName(graph.services)) {
    byName(service.endpoints);
    service.subscriptions.sort((a, b) => compare(a.name, b.name) || compare(a.topic, b.topic));
  }
  for (const list of [graph.databases, graph.topics, graph.cronJobs, graph.secrets]) byName<{ name: string }>(list);
  graph.uses.sort((a, b) => compare(a.service, b.service) || compare(keyOf(a.resource), keyOf(b.resource)));
  const schemas = Object.entries(graph.schemas).sort(([a], [b]) => compare(a, b));
  return { ...graph, schemas: Object.fromEntries(schemas) };
}

function keyOf(resource: ResourceReference): string {
  return [resource.kind, resource.kind === 'endpoint' ? resource.service : '', resource.name].join(' ');
}
