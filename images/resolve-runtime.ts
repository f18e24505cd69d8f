import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where a module of the runtime is, by the package's own exports: `encore.dev/api` → `…/dist/api/mod.js`. */
export function runtimeResolver(runtime: string): (specifier: string) => string | undefined {
  const { exports } = JSON.parse(readFileSync(join(runtime, 'package.json'), 'utf8')) as {
    exports: Record<string, { default: string }>;
  };
  return (specifier) => {
    const entry = exports[specifier.replace(/^encore\.dev/, '.')];
    return entry && join(runtime, entry.default);
  };
}
