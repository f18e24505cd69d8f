import type { Graph, Process, Service } from '../../pipeline/mod.ts';
import { workersModule } from './kit.ts';
import { createManifest } from './manifest.ts';

/**
 * The module a process starts with: it imports what the services of the process declare and hands it to the runtime.
 * Imports are relative to the application's root.
 */
export function createEntry(graph: Graph, process: Process): string {
  const services = graph.services.filter(({ name }) => process.services.includes(name));
  const { authHandler } = graph;
  const asked = authHandler && process.services.includes(authHandler.service) ? authHandler : undefined;
  const modules = unique([
    ...services.flatMap((service) => [
      ...declaringModule(service),
      ...[...service.endpoints, ...service.subscriptions].map(({ module }) => module),
    ]),
    ...(asked ? [asked.module] : []),
  ]);
  const imported = (module: string) => `m${modules.indexOf(module)}`;
  const handlers = services.flatMap(({ name, endpoints }) =>
    endpoints
      .filter(({ kind }) => kind !== 'assets')
      .map((endpoint) => [`${name}.${endpoint.name}`, `${imported(endpoint.module)}${member(endpoint.name)}`] as const),
  );
  const wrapped = services
    .filter(({ middleware }) => middleware.length > 0)
    .flatMap((service) =>
      declaringModule(service).map((module) => [service.name, `${imported(module)}.default`] as const),
    );
  const used = new Set([...handlers, ...wrapped].map(([, expression]) => expression.replace(/[.[].*/, '')));
  // Parsed from text, since a key such as `__proto__` means something else in an object literal.
  const manifest = JSON.stringify(JSON.stringify(createManifest(graph, process)));
  return [
    ...(graph.settings.workerPooling ? [`import ${JSON.stringify(workersModule)};\n`] : []),
    `import { start } from 'encore.dev/internal/start';\n`,
    ...modules.map((module, index) => `import * as m${index} from ${JSON.stringify(`./${module}`)};\n`),
    `const manifest = JSON.parse(${manifest});\n`,
    `const handlers = ${object(handlers)};\n`,
    `const services = ${object(wrapped)};\n`,
    // Named, so that they are kept whatever the application's package.json says of `sideEffects`.
    `const modules = [${modules
      .map(imported)
      .filter((name) => !used.has(name))
      .join(', ')}];\n`,
    'await start({ manifest, handlers, services, modules });\n',
  ].join('');
}

/** `encore.service.ts`: also what it does when it is imported belongs to the service. */
function declaringModule({ declaration, position }: Service): string[] {
  return declaration === 'explicit' ? [position.file] : [];
}

function object(entries: (readonly [key: string, expression: string])[]): string {
  return `{\n${entries.map(([key, expression]) => `  ${JSON.stringify(key)}: ${expression},\n`).join('')}}`;
}

function member(name: string): string {
  return `[${JSON.stringify(name)}]`;
}

function unique(names: string[]): string[] {
  return [...new Set(names)].sort();
}
