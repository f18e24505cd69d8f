import type { Graph, Process } from '../../pipeline/mod.ts';
import { createManifest } from './manifest.ts';

/**
 * The module a process starts with: it imports what the services of the process declare and hands it to the runtime.
 * Imports are relative to the application's root.
 */
export function createEntry(graph: Graph, process: Process): string {
  const services = graph.services.filter(({ name }) => process.services.includes(name));
  const modules = unique(
    services.flatMap(({ endpoints, subscriptions }) => [...endpoints, ...subscriptions].map(({ module }) => module)),
  );
  const handlers = services.flatMap(({ name, endpoints }) =>
    endpoints.map((endpoint) => {
      const module = `m${modules.indexOf(endpoint.module)}`;
      return `  ${JSON.stringify(`${name}.${endpoint.name}`)}: ${module}[${JSON.stringify(endpoint.name)}],\n`;
    }),
  );
  // Parsed from text, since a key such as `__proto__` means something else in an object literal.
  const manifest = JSON.stringify(JSON.stringify(createManifest(graph, process)));
  return [
    `import { start } from 'encore.dev/internal/start';\n`,
    ...modules.map((module, index) => `import * as m${index} from ${JSON.stringify(`./${module}`)};\n`),
    `const manifest = JSON.parse(${manifest});\n`,
    `const handlers = {\n${handlers.join('')}};\n`,
    'await start({ manifest, handlers });\n',
  ].join('');
}

function unique(names: string[]): string[] {
  return [...new Set(names)].sort();
}
