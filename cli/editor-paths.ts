import { join, relative } from 'node:path';
import { ts } from '@ts-morph/common';

/**
 * What the application's `tsconfig.json` lacks to find `encore.gen`, as text to tell the user; undefined when an editor finds it.
 * The generated modules have to be there.
 */
export function missingPaths(directory: string): string | undefined {
  const file = ts.sys.fileExists(join(directory, 'tsconfig.json')) ? join(directory, 'tsconfig.json') : undefined;
  const options = file === undefined ? {} : optionsOf(file, directory);
  const from = join(directory, 'any.ts');
  const mode = ts.getImpliedNodeFormatForFile(from, undefined, ts.sys, options);
  const { resolvedModule } = ts.resolveModuleName('~encore/clients', from, options, ts.sys, undefined, undefined, mode);
  if (resolvedModule?.resolvedFileName.endsWith('encore.gen/clients/index.ts')) return undefined;
  const base = relative(options.baseUrl ?? directory, join(directory, 'encore.gen')).replaceAll('\\', '/');
  const target = `${base.startsWith('.') ? '' : './'}${base}/*${needsFiles(options) ? '/index.ts' : ''}`;
  return [
    file === undefined
      ? 'There is no tsconfig.json that leads ~encore/* to encore.gen. Write one with these compilerOptions:'
      : 'tsconfig.json does not lead ~encore/* to encore.gen. Add to its compilerOptions:',
    `  "paths": {${options.paths ? ' …,' : ''}`,
    `    "~encore/*": ["${target}"] }`,
  ].join('\n');
}

function optionsOf(file: string, directory: string): ts.CompilerOptions {
  const { config } = ts.readConfigFile(file, ts.sys.readFile);
  const host = { ...ts.sys, readDirectory: () => [] };
  return ts.parseJsonConfigFileContent(config ?? {}, host, directory, undefined, file).options;
}

/** As Node.js does, these take no directory for the `index.ts` in it. */
function needsFiles({ module, moduleResolution }: ts.CompilerOptions): boolean {
  if (moduleResolution !== undefined)
    return moduleResolution === ts.ModuleResolutionKind.Node16 || moduleResolution === ts.ModuleResolutionKind.NodeNext;
  return module !== undefined && module >= ts.ModuleKind.Node16 && module <= ts.ModuleKind.NodeNext;
}
