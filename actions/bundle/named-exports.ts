import { readFileSync } from 'node:fs';
import { createRequire, findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/**
 * Gives CommonJS packages that our code loads with `import()` the named exports that Node.js finds in them. Without it they have
 * only a default one when bundles are split.
 */
export function namedExports(root: string): Plugin {
  const require = createRequire(join(root, 'package.json'));
  /** Undefined for what `require` does not find, since it is for `import` alone. */
  const fileOf = (path: string): string | undefined => {
    try {
      return require.resolve(path);
    } catch {
      return undefined;
    }
  };
  return {
    name: 'named-exports',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[^.]/ }, ({ path, kind, importer }) => {
        if (kind !== 'dynamic-import' || importer.includes('node_modules') || path.startsWith('node:'))
          return undefined;
        const file = fileOf(path);
        return file !== undefined && isCommonJs(file) ? { path, namespace: 'named-exports' } : undefined;
      });
      onLoad({ filter: /./, namespace: 'named-exports' }, async ({ path }) => {
        const names = Object.keys(await import(require.resolve(path)))
          .filter(isName)
          .sort();
        const lines = [
          `const all = require(${JSON.stringify(path)});`,
          'export default all;',
          `export const { ${names.join(', ')} } = all;`,
        ];
        return { contents: lines.join('\n'), resolveDir: root };
      });
    },
  };
}

/** A built-in module is none, and neither is what stays outside. */
function isCommonJs(file: string): boolean {
  if (!/[\\/]/.test(file) || file.endsWith('.mjs')) return false;
  if (file.endsWith('.cjs')) return true;
  const manifest = findPackageJSON(pathToFileURL(file)) ?? join(dirname(file), 'package.json');
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { type?: string }).type !== 'module';
}

function isName(name: string): boolean {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== 'default' && name !== '__esModule';
}
