import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ts } from '@ts-morph/common';
import type { ClientSymbols, Reader } from './context.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Application, discover } from './discover.ts';
import { extract, type Found, outlinesOf } from './extract.ts';
import type { Facts, Outline } from './facts.ts';
import { type ClientEndpoint, type ClientSource, clientModule, generateClients } from './generate/clients.ts';
import type { Graph } from './graph.ts';
import { checkImports } from './imports.ts';
import { link } from './link.ts';
import { createLoader } from './program.ts';
import { skipAlias } from './references.ts';
import { Report } from './report.ts';
import { authHandler } from './resources/auth-handler.ts';
import { roots } from './resources/mod.ts';
import { checkServices, explicitServices } from './resources/service.ts';
import { locateRuntime, moduleSymbol, runtimeExports } from './runtime.ts';
import { Schemas } from './schemas.ts';
import { clientName, findServices, ServiceIndex } from './services.ts';
import { checkSchemaTypes } from './type-errors.ts';

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
  const found = new Map<ts.SourceFile, Found[]>(
    files.map((file) => [file, outlinesOf(file, first.getTypeChecker(), exports, report)]),
  );
  const outlines = [...found.values()].flat().map(({ outline }) => outline);
  const services = servicesOf(outlines, application, report);
  if (services.services.length === 0 && !broken) {
    report.error(
      'FL1003',
      undefined,
      'no services found',
      'Export an endpoint, `export const hello = api(…)`, or add an encore.service.ts.',
    );
  }

  // Then with types, for which the clients of those services have to be there.
  const source = clientSource(outlines, services, report);
  const generated = files.some(({ text }) => text.includes('~encore/'));
  const program = generated ? load(generateClients(source)) : first;
  const checker = program.getTypeChecker();
  const reader: Reader = {
    application,
    sources: new Set(application.files),
    program,
    checker,
    exports,
    schemas: new Schemas({ root, checker, exports, report }),
    report,
    clients: clientSymbols(source, root, program),
    resolved: new Map(),
    understood: new Set(),
  };
  checkImports(files, { program, runtime, clients: source.services.map(({ name }) => clientName(name)) }, report);
  const facts = new Map<string, Facts>();
  for (const [file, declared] of found) facts.set(report.relative(file.fileName), await extract(file, declared, reader));
  checkSchemaTypes(first, reader);
  return link(application, facts, services, report);
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

function servicesOf(outlines: readonly Outline[], application: Application, report: Report): ServiceIndex {
  const files = application.files.map((file) => report.relative(file));
  const explicit = explicitServices(outlines, files, report);
  const implicit = outlines.filter(({ declares }) => roots.has(declares));
  const all = [...explicit, ...implicit.map(({ file, position }) => ({ file, position }))];
  const services = findServices(
    all.map((one) => ({ ...one, file: report.absolute(one.file) })),
    application,
  );
  checkServices(services, report);
  return new ServiceIndex(services);
}

/** The endpoints by name alone, before anything is known of their types. */
function clientSource(outlines: readonly Outline[], services: ServiceIndex, report: Report): ClientSource {
  const endpoints = new Map(services.services.map(({ name }) => [name, new Map<string, ClientEndpoint>()]));
  for (const outline of outlines) {
    const service = services.of(report.absolute(outline.file));
    const endpoint = clientEndpoint(outline);
    if (service && endpoint) endpoints.get(service.name)?.set(endpoint.name, endpoint);
  }
  const auth = outlines.find(({ declares }) => declares === authHandler.declares);
  return {
    services: services.services.map(({ name }) => ({ name, endpoints: [...(endpoints.get(name)?.values() ?? [])] })),
    ...(auth?.exported !== undefined && { authHandler: { name: auth.exported, module: auth.file } }),
  };
}

function clientEndpoint({ declares, exported: name, file: module, handshake }: Outline): ClientEndpoint | undefined {
  const form = /^encore\.dev\/api#api(?:\.(raw|static|streamIn|streamOut|streamInOut))?$/.exec(declares);
  if (!form || name === undefined) return undefined;
  switch (form[1]) {
    case undefined:
      return { name, module, kind: 'typed' };
    case 'raw':
      return { name, module, kind: 'raw' };
    case 'static':
      return { name, module, kind: 'assets' };
    default: {
      const stream = { ...(form[1] !== 'streamOut' && { in: true }), ...(form[1] !== 'streamIn' && { out: true }) };
      return { name, module, kind: 'stream', stream, ...(handshake && { request: true }) };
    }
  }
}

/** What the generated clients are to the checker of a program that has them. */
function clientSymbols({ services }: ClientSource, root: string, program: ts.Program): ClientSymbols {
  const checker = program.getTypeChecker();
  const [functions, modules, refs] = [
    new Map<ts.Symbol, { service: string; endpoint: string }>(),
    new Map<ts.Symbol, string>(),
    new Map<ts.Symbol, string>(),
  ];
  for (const { name: service, endpoints } of services) {
    const module = moduleSymbol(program, join(root, clientModule(service)));
    if (!module) continue;
    modules.set(module, service);
    const names = new Set(endpoints.map(({ name }) => name));
    for (const symbol of checker.getExportsOfModule(module)) {
      const target = skipAlias(symbol, checker);
      if (names.has(symbol.name)) functions.set(target, { service, endpoint: symbol.name });
      else if (symbol.name === 'ref') refs.set(target, service);
    }
  }
  return { functions, modules, refs };
}
