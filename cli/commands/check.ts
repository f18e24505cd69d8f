import { analyze } from '../../analyzer/mod.ts';
import type { Context, Result } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { paint } from '../paint.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';

/** Everything that is wrong with the application; wrong is what has the severity of an error. */
export async function check({ directory, report }: Context): Promise<Result> {
  const { graph, diagnostics } = await report.step('Analyze', async () => analyze({ root: directory }));
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const endpoints = graph.services.reduce((sum, service) => sum + service.endpoints.length, 0);
  const verdict =
    errors > 0
      ? paint('red', count(errors, 'error'))
      : `${paint('green', 'No errors')} in ${count(graph.services.length, 'service')} with ${count(endpoints, 'endpoint')}`;
  const rendered = renderDiagnostics(diagnostics, { root: directory, from: process.cwd(), paint });
  return {
    document: { application: graph.application, diagnostics },
    text: [...(rendered ? [rendered] : []), verdict].join('\n\n'),
    exitCode: errors > 0 ? exitCodes.userError : exitCodes.done,
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
