import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import { type Plugin, transform } from 'esbuild';

/**
 * Lets our own code find files of the kit from where its source lies, although it runs from a bundle in `dist/`: `import.meta.url`
 * and `import.meta.dirname` stay those of the source. A source that is started as a process and has a bundle is that bundle.
 */
export function inPlace(root: string, entries: Readonly<Record<string, string>>): Plugin {
  const bundles = new Map(Object.entries(entries).map(([name, path]) => [path, `./${name}.js`]));
  return {
    name: 'in-place',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        const source = relative(root, path).split(sep).join('/');
        if (source.startsWith('..') || source.includes('node_modules/')) return undefined;
        const text = await readFile(path, 'utf8');
        if (!text.includes('import.meta.')) return undefined;
        const started = text.replace(/new URL\('([^']+\.ts)', import\.meta\.url\)/g, (all, file: string) => {
          const bundle = bundles.get(resolve(dirname(path), file));
          return bundle === undefined ? all : `new URL('${bundle}', __bundleUrl)`;
        });
        const { code } = await transform(started, {
          ...{ loader: 'ts', format: 'esm', target: 'node24', sourcefile: source },
          define: {
            'import.meta.url': '__sourceUrl',
            'import.meta.dirname': '__sourceDirectory',
            __bundleUrl: 'import.meta.url',
          },
        });
        return { contents: `${place(source)}${code}`, loader: 'js', resolveDir: dirname(path) };
      });
    },
  };
}

/** Bundles lie in a directory of the kit's root. */
function place(source: string): string {
  return [
    "import { fileURLToPath as __toPath } from 'node:url';",
    `const __sourceUrl = new URL(${JSON.stringify(`../${source}`)}, import.meta.url).href;`,
    "const __sourceDirectory = __toPath(new URL('.', __sourceUrl)).slice(0, -1);\n",
  ].join('\n');
}
