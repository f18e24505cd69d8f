import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Plugin } from 'esbuild';

/**
 * What `emitDecoratorMetadata` of tsconfig.json asks for: the types of what is decorated, at run time. TypeORM takes the types of columns
 * from there, Nest what to hand to a constructor. The bundler leaves them out, so that TypeScript compiles such files, each by itself.
 */

/** What tsconfig.json says for a file, before defaults. */
export type OptionsFor = (file: string) => Readonly<Record<string, unknown>>;

const decorator = /(?:^|[\s({,])@[A-Za-z_$]/m;

export function decorators(optionsFor: OptionsFor): Plugin {
  return {
    name: 'decorators',
    setup({ onLoad }) {
      onLoad({ filter: /\.[cm]?tsx?$/, namespace: 'file' }, async ({ path }) => {
        // Packages are compiled, and whoever links a workspace has options of its own for it.
        if (path.includes('node_modules')) return undefined;
        const options = optionsFor(path);
        if (options.emitDecoratorMetadata !== true || options.experimentalDecorators !== true) return undefined;
        const text = await readFile(path, 'utf8');
        if (!decorator.test(text)) return undefined;
        return { contents: await compile(path, text, options), loader: path.endsWith('x') ? 'tsx' : 'ts' };
      });
    },
  };
}

async function compile(path: string, text: string, options: Readonly<Record<string, unknown>>): Promise<string> {
  // Takes a while to load, and few applications need it.
  const { ts } = await import('@ts-morph/common');
  const { outputText } = ts.transpileModule(text, {
    fileName: basename(path),
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.Preserve,
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      useDefineForClassFields: definesFields(options),
      verbatimModuleSyntax: options.verbatimModuleSyntax === true,
      inlineSourceMap: true,
    },
  });
  return outputText;
}

/** As the bundler decides it for other files. */
function definesFields({ useDefineForClassFields: own, target }: Readonly<Record<string, unknown>>): boolean {
  if (typeof own === 'boolean') return own;
  return typeof target !== 'string' || /^es(?:next|20(?:2[2-9]|[3-9]\d))$/i.test(target);
}
