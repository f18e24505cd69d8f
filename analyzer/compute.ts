import { join } from 'node:path';
import { ts } from '@ts-morph/common';
import type { Kept } from './cache.ts';
import type { ClientSymbols, Reader } from './context.ts';
import type { Diagnostic } from './diagnostic.ts';
import { type Application, discover } from './discover.ts';
import { Disk } from './disk.ts';
import { changedFiles, joined } from './disk-trace.ts';
import { extract, type Found, outlinesOf } from './extract.ts';
import type { Facts, Outline } from './facts.ts';
import { type ClientEndpoint, type ClientSource, clientModule, generateClients } from './generate/clients.ts';
import { checkImports } from './imports.ts';
import { link } from './link.ts';
import { reportMissingPackages } from './missing-packages.ts';
import { globalsOf, needsOf, staleFiles } from './needs.ts';
import { isStackOverflow, reportNesting } from './nesting.ts';
import { createLoader } from './program.ts';
import { skipAlias } from './references.ts';
import { Report } from './report.ts';
import { authHandler } from './resources/auth-handler.ts';
import { roots } from './resources/mod.ts';
import { checkServices, explicitServices } from './resources/service.ts';
import { locateRuntime, moduleSymbol, type Runtime, runtimeExports } from './runtime.ts';
import { Schemas } from './schemas.ts';
import { clientName, findServices, ServiceIndex } from './services.ts';
import { checkSchemaTypes } from './type-errors.ts';

/** A former analysis of which nothing has changed but the content of some files. */
export interface Reusable {
  kept: Kept;
  /** Absolute. */
  changed: readonly string[];
}

/** Analyzes the application anew, but for what a former analysis found in files that nothing relevant has changed for. */
export async function compute(root: string, runtimeDirectory: string, reusable?: Reusable): Promise<Kept> {
  const disk = new Disk(root);
  const { read, diagnostics } = await readAll(root, disk, runtimeDirectory, reusable);
  // Files are being saved at this moment, and what was kept is not of the ones that were read.
  if (reusable && !isStill(reusable, root)) return compute(root, runtimeDirectory);
  const failed = diagnostics.some(({ severity }) => severity === 'error');
  const trace = reusable ? joined(reusable.kept.trace, disk.trace()) : disk.trace();
  return { trace, diagnostics, ...(read && { ...read, ...(failed && { graph: undefined }) }) };
}

/** Whether the same files have changed as before. */
function isStill({ kept, changed }: Reusable, root: string): boolean {
  const now = changedFiles(kept.trace, root);
  return !now.other && now.files.length === changed.length && now.files.every((file) => changed.includes(file));
}

type Read = Pick<Kept, 'graph' | 'files' | 'clients' | 'globals'>;

async function readAll(
  root: string,
  disk: Disk,
  runtimeDirectory: string,
  reusable: Reusable | undefined,
): Promise<{ read?: Read | undefined; diagnostics: Diagnostic[] }> {
  const report = new Report(root);
  try {
    const application = discover(root, report, disk);
    const runtime = locateRuntime(runtimeDirectory);
    const read = application && (await readApplication(application, runtime, report, reusable));
    return { read, diagnostics: report.diagnostics() };
  } catch (error) {
    // What was reported until then depends on where the stack was full.
    const nesting = new Report(root);
    if (isStackOverflow(error) && reportNesting(disk.texts, nesting)) return { diagnostics: nesting.diagnostics() };
    throw error;
  }
}

async function readApplication(
  application: Application,
  runtime: Runtime,
  report: Report,
  reusable: Reusable | undefined,
): Promise<Read> {
  const { root } = application;
  const kept = sameFiles(reusable?.kept.files, application, report);
  const stale = kept && reusable ? staleFiles(kept, reusable.changed, report) : undefined;
  const isStale = (file: string) => !stale || stale.has(report.relative(file));
  const reported = report.diagnostics().length;
  const load = createLoader(application, runtime, report);

  // First by symbols alone: what is declared, and which services that makes.
  const first = load([]);
  const globals = globalsOf(first, report);
  // What is declared for all of them may mean other types in every file.
  if (reusable && stale && globals !== reusable.kept.globals)
    return readApplication(application, runtime, report, undefined);
  const files = application.files.filter(isStale).flatMap((path) => first.getSourceFile(path) ?? []);
  const broken = checkSyntax(first, files, report);
  const exports = runtimeExports(runtime, first);
  const found = new Map<ts.SourceFile, Found[]>(
    files.map((file) => [file, outlinesOf(file, first.getTypeChecker(), exports, report)]),
  );
  const outlines = application.files.flatMap((path): Outline[] => {
    const file = first.getSourceFile(path);
    if (!isStale(path)) return kept?.[report.relative(path)]?.facts.declarations ?? [];
    return (file && found.get(file)?.map(({ outline }) => outline)) ?? [];
  });
  const services = servicesOf(outlines, application, report);
  const source = clientSource(outlines, services, report);
  const clients = JSON.stringify(source);
  // Other clients can mean other types wherever they are mentioned.
  if (reusable && stale && clients !== reusable.kept.clients)
    return readApplication(application, runtime, report, undefined);
  if (services.services.length === 0 && !broken && report.diagnostics().length === reported) {
    report.error(
      'FL1003',
      undefined,
      'no services found',
      'Export an endpoint, `export const hello = api(…)`, or add an encore.service.ts.',
    );
  }

  // Then with types, for which the clients of those services have to be there.
  const program = files.some(({ text }) => text.includes('~encore/')) ? load(generateClients(source)) : first;
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
  // In the order of the files, whichever of them are read anew.
  const read = new Map(Object.entries(kept ?? {}));
  for (const [file, declared] of found) {
    const facts = await extract(file, declared, reader);
    read.set(report.relative(file.fileName), { facts, needs: needsOf(file, source, reader) });
  }
  checkSchemaTypes(first, reader);
  reportMissingPackages(load.missingPackages(), report);
  const flawless = report.diagnostics().length === reported;
  const facts = new Map([...read].map(([file, { facts }]): [string, Facts] => [file, facts]));
  const graph = link(application, facts, services, report);
  return { graph, ...(flawless && { files: Object.fromEntries(read), clients, globals }) };
}

/** What was kept, if it was of the files that the application has now. */
function sameFiles(kept: Kept['files'], { files }: Application, report: Report): Kept['files'] {
  const same = kept && Object.keys(kept).length === files.length;
  return same && files.every((file) => Object.hasOwn(kept, report.relative(file))) ? kept : undefined;
}

/**
 * Reports the first syntax error of each file: those after it may well come from it, as may what else is wrong in such a file, so none of that
 * is reported.
 */
function checkSyntax(program: ts.Program, files: readonly ts.SourceFile[], report: Report): boolean {
  let broken = false;
  for (const file of files) {
    const [first] = program.getSyntacticDiagnostics(file);
    if (!first) continue;
    const { start, length, messageText } = first;
    const message = ts.flattenDiagnosticMessageText(messageText, ' ');
    report.error('FL1004', report.span(file, start, start + length), message, 'Correct the syntax.');
    broken = true;
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
