import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Attachment } from '../wire.ts';
import { resolution } from './resolution.ts';

/** As much of the configuration of vite as is touched. */
interface Config {
  plugins?: unknown;
  /** Of one that is resolved: what it was made from. */
  inlineConfig?: unknown;
  [key: string]: unknown;
}

/** Adds what lets vitest resolve the application's imports, whatever its own configuration says. */
export function attached(config: Config = {}): Config {
  const path = process.env.FAIRLEAD_ATTACHED;
  if (!path || config.inlineConfig !== undefined) return config;
  const { root } = JSON.parse(readFileSync(path, 'utf8')) as Attachment;
  return { ...config, plugins: [plugin(root), config.plugins] };
}

function plugin(root: string): object {
  const known = resolution(root);
  const prefix = known.package.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
  return {
    name: 'fairlead',
    enforce: 'pre',
    // Loaded by Node itself: of the runtime there is to be one in a process, whoever imports it.
    config: () => ({ test: { server: { deps: { external: [new RegExp(`^${prefix}`)] } } } }),
    resolveId(specifier: string): string | undefined {
      const url = known.runtime.get(specifier) ?? known.generated(specifier);
      return url === undefined ? undefined : fileURLToPath(url);
    },
  };
}
