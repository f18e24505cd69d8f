import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { asksForTypes, type CompilerOptions, compileDecorators } from './decorators.ts';
import { type ImageRoots, imagePathOf } from './image-path.ts';
import { asksForPlace, placed } from './places.ts';

export interface OwnCode extends ImageRoots {
  /** What tsconfig.json says for a file. */
  optionsFor: (file: string) => CompilerOptions;
}

/** Compiles the application's modules that need more than the bundler does for them. */
export function ownCode(current: () => OwnCode): Plugin {
  return {
    name: 'own-code',
    setup({ onLoad }) {
      onLoad({ filter: /\.[cm]?[jt]sx?$/, namespace: 'file' }, async ({ path }) => {
        // Packages are compiled, and whoever links a workspace has options of its own for it.
        if (path.includes('node_modules')) return undefined;
        const { optionsFor, ...roots } = current();
        const text = await readFile(path, 'utf8');
        const options = optionsFor(path);
        const place = asksForPlace(text) ? imagePathOf(path, roots) : undefined;
        const decorated = asksForTypes(path, text, options);
        if (!decorated && place === undefined) return undefined;
        const loader = loaderOf(path);
        try {
          const compiled = decorated ? await compileDecorators(path, text, options) : text;
          if (place === undefined) return { contents: compiled, loader };
          const contents = await placed(compiled, { file: path, path: place, loader, options });
          return { contents, loader: withoutTypes(loader) };
        } catch {
          // What is wrong with it the bundler says itself, and where.
          return undefined;
        }
      });
    },
  };
}

function loaderOf(path: string): 'js' | 'jsx' | 'ts' | 'tsx' {
  const [, language, x = ''] = /\.[cm]?([jt])s(x?)$/.exec(path) ?? [];
  return `${language === 't' ? 'ts' : 'js'}${x as '' | 'x'}`;
}

function withoutTypes(loader: 'js' | 'jsx' | 'ts' | 'tsx'): 'js' | 'jsx' {
  return loader.endsWith('x') ? 'jsx' : 'js';
}
