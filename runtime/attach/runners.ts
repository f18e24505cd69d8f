import { fileURLToPath } from 'node:url';

/**
 * Runners of tests that resolve imports themselves, where Node's hooks do not reach. Each has public functions that take or give its
 * configuration; their module is loaded with a few lines of ours about them.
 */
const attach = (name: string) => JSON.stringify(new URL(name, import.meta.url).href);

/** Marks the URL of what stands in for a module. */
const mark = '?fairlead';

/** Who gets our lines; others have vite as it is. */
const vitest = /\/node_modules\/(?:@vitest\/[^/]+|vitest)\//;

const jestConfig = /\/node_modules\/jest-config\/build\/index\.js$/;

/** Lets vitest import another module in the place of vite. */
export function runnerResolve<T extends { url: string }>(
  specifier: string,
  parent: string | undefined,
  resolved: T,
): T {
  if (specifier !== 'vite' || !vitest.test(parent ?? '')) return resolved;
  return { ...resolved, url: `${resolved.url}${mark}`, format: 'module' };
}

interface Loaded {
  format?: string | null | undefined;
  source?: unknown;
  shortCircuit?: boolean | undefined;
}

/** The source of a module, with ours where it is one of a runner. */
export function runnerLoad<T extends Loaded>(url: string, load: () => T): T | Loaded {
  if (url.endsWith(mark))
    return { format: 'module', source: viteSource(url.slice(0, -mark.length)), shortCircuit: true };
  const loaded = load();
  if (!jestConfig.test(url)) return loaded;
  return {
    ...loaded,
    source: `${loaded.source}\nmodule.exports = require(${JSON.stringify(fileURLToPath(new URL('jest.js', import.meta.url)))}).attached(module.exports);\n`,
  };
}

function viteSource(original: string): string {
  return [
    `export * from ${JSON.stringify(original)};`,
    `import * as vite from ${JSON.stringify(original)};`,
    `import { attached } from ${attach('vite.js')};`,
    'export const createServer = (config) => vite.createServer(attached(config));',
    'export const resolveConfig = (config, ...rest) => vite.resolveConfig(attached(config), ...rest);',
  ].join('\n');
}
