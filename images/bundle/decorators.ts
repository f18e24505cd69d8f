import { basename } from 'node:path';

/**
 * What `emitDecoratorMetadata` of tsconfig.json asks for: the types of what is decorated, at run time. TypeORM takes the types of columns
 * from there, Nest what to hand to a constructor. The bundler leaves them out, so that TypeScript compiles such files, each by itself.
 */

/** `compilerOptions` of tsconfig.json, before defaults. */
export type CompilerOptions = Readonly<Record<string, unknown>>;

const decorator = /(?:^|[\s({,])@[A-Za-z_$]/m;

/** Whether a file of TypeScript has decorators whose types are asked for. */
export function asksForTypes(path: string, text: string, options: CompilerOptions): boolean {
  if (options.emitDecoratorMetadata !== true || options.experimentalDecorators !== true) return false;
  return /\.[cm]?tsx?$/.test(path) && decorator.test(text);
}

/** A file with the types of what is decorated, and without decorators: with a source map in its last line. */
export async function compileDecorators(path: string, text: string, options: CompilerOptions): Promise<string> {
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
function definesFields({ useDefineForClassFields: own, target }: CompilerOptions): boolean {
  if (typeof own === 'boolean') return own;
  return typeof target !== 'string' || /^es(?:next|20(?:2[2-9]|[3-9]\d))$/i.test(target);
}
