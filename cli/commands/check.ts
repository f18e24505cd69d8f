import { analyze, type Graph } from '../../analyzer/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { paint } from '../paint.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';

/** Everything that is wrong with the application; wrong is what has the severity of an error. */
export async function check({ directory, report }: Context): Promise<Result> {
  const { graph, diagnostics } = await report.step('Analyze', () => analyze({ root: directory }));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const rendered = renderDiagnostics(diagnostics, { root: directory, from: process.cwd(), paint });
  return {
    document: { diagnostics },
    text: [...(rendered ? [rendered] : []), graph ? praise(graph) : paint('red', count(errors, 'error'))].join('\n\n'),
    exitCode: errors > 0 ? exitCodes.userError : exitCodes.done,
  };
}

function praise({ services }: Graph): string {
  const endpoints = services.reduce((sum, service) => sum + service.endpoints.length, 0);
  return `${paint('green', 'No errors')} in ${count(services.length, 'service')} with ${count(endpoints, 'endpoint')}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
