import { type Diagnostic, UserError } from '../../analyzer/diagnostic.ts';
import { analyze, type Graph } from '../../analyzer/mod.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { parseConfig } from '../../pipeline/config.ts';
import { readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { paint } from '../paint.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';

const configFile = 'fairlead.json';

/** Everything that is wrong with the application; wrong is what has the severity of an error. */
export async function check(context: Context): Promise<Result> {
  const { directory } = context;
  const { graph, diagnostics } = await find(context);
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const rendered = renderDiagnostics(diagnostics, { root: directory, from: process.cwd(), paint });
  return {
    document: { diagnostics },
    text: [
      ...(rendered ? [rendered] : []),
      graph && errors === 0 ? praise(graph) : paint('red', count(errors, 'error')),
    ].join('\n\n'),
    exitCode: errors > 0 ? exitCodes.userError : exitCodes.done,
  };
}

interface Findings {
  graph?: Graph | undefined;
  diagnostics: Diagnostic[];
}

/** The step fails when something is wrong, but the findings are a result. */
async function find({ directory, report }: Context): Promise<Findings> {
  let findings: Findings | undefined;
  try {
    return await report.step('Analyze', async () => {
      const { graph, diagnostics } = await analyze({ root: directory });
      const reported = diagnostics.some(({ position }) => position?.file === configFile);
      findings = { graph, diagnostics: reported ? diagnostics : [...diagnostics, ...wrongInConfig(directory)] };
      if (findings.diagnostics.some(({ severity }) => severity === 'error')) throw new UserError(findings.diagnostics);
      return findings;
    });
  } catch (error) {
    if (findings && error instanceof UserError) return findings;
    throw error;
  }
}

function wrongInConfig(directory: string): readonly Diagnostic[] {
  try {
    parseConfig(readText(directory, configFile) ?? '{}', configFile);
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.diagnostics;
    throw error;
  }
}

function praise({ services }: Graph): string {
  const endpoints = services.reduce((sum, service) => sum + service.endpoints.length, 0);
  return `${paint('green', 'No errors')} in ${count(services.length, 'service')} with ${count(endpoints, 'endpoint')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
