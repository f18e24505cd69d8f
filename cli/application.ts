import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { applicationName as nameOf } from '../analyzer/application-name.ts';
import { UserError } from '../analyzer/diagnostic.ts';
import { namePackage } from '../analyzer/enclosing-package.ts';
import type { Graph } from '../analyzer/mod.ts';
import { readRegularFile } from '../analyzer/regular-file.ts';
import type { Context } from './context.ts';

/** Analyzes the application; warnings are reported. `keptAs` is as of `analyze`. @throws UserError with everything that is wrong. */
export async function analyzeApplication(
  { directory, cacheDirectory, report }: Context,
  keptAs?: string,
): Promise<Graph> {
  const { analyze } = await import('../analyzer/analyze.ts');
  const { graph, diagnostics } = await report.step('Analyze', async () => {
    const { graph, diagnostics } = await analyze({ root: directory, cache: cacheDirectory, keptAs });
    if (!graph) throw new UserError(diagnostics);
    return { graph, diagnostics };
  });
  for (const { code, message } of diagnostics) report.warn(`${code}: ${message}`);
  return graph;
}

/**
 * The application's name as the Graph has it, without an analysis: what is deployed must be reachable while the sources are
 * broken.
 * @throws UserError FL1001 when the directory holds no application, FL1002 and FL1005 when a file with the name is wrong
 */
export function applicationName(directory: string): string {
  if (readText(directory, 'package.json') === undefined) {
    throw new UserError({
      code: 'FL1001',
      severity: 'error',
      message: `${directory} is not an application: it has no package.json`,
      help: namePackage(directory, existsSync),
    });
  }
  return nameOf(directory);
}

/** Undefined when there is no such file. */
export function readText(directory: string, file: string): string | undefined {
  try {
    return readRegularFile(join(directory, file)).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
