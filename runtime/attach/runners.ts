/**
 * Runners of tests that resolve imports themselves, where Node's hooks do not reach: each has a public function that takes its
 * configuration, and gets a module in its place that adds ours.
 */
interface Runner {
  /** The package whose function it is. */
  package: string;
  /** Who imports it from there; others get it as it is. */
  users: RegExp;
  /** The source of the module that stands in for it; `original` is the URL of the real one. */
  source(original: string): string;
  format: 'module' | 'commonjs';
}

const vite: Runner = {
  package: 'vite',
  users: /\/node_modules\/(?:@vitest\/[^/]+|vitest)\//,
  source: (original) =>
    [
      `export * from ${JSON.stringify(original)};`,
      `import * as vite from ${JSON.stringify(original)};`,
      `import { attached } from ${JSON.stringify(new URL('vite.js', import.meta.url).href)};`,
      'export const createServer = (config) => vite.createServer(attached(config));',
      'export const resolveConfig = (config, ...rest) => vite.resolveConfig(attached(config), ...rest);',
    ].join('\n'),
  format: 'module',
};

const runners: readonly Runner[] = [vite];

/** Marks the URL of what stands in for a module. */
const mark = '?fairlead';

export function runnerResolve<T extends { url: string }>(
  specifier: string,
  parent: string | undefined,
  resolved: T,
): T {
  const runner = runners.find((one) => one.package === specifier && one.users.test(parent ?? ''));
  if (!runner) return resolved;
  return { ...resolved, url: `${resolved.url}${mark}-${runner.package}`, format: runner.format };
}

export function runnerLoad(url: string): { source: string; format: string; shortCircuit: true } | undefined {
  const at = url.lastIndexOf(`${mark}-`);
  const runner = at === -1 ? undefined : runners.find((one) => url.slice(at) === `${mark}-${one.package}`);
  if (!runner) return undefined;
  return { source: runner.source(url.slice(0, at)), format: runner.format, shortCircuit: true };
}
