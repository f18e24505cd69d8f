import { graphChanges } from '../pipeline/graph-changes.ts';
import { code, plain } from '../pipeline/markdown.ts';
import type { Graph } from '../pipeline/mod.ts';
import { renderChanges } from '../pipeline/render-changes.ts';
import type { Application, Runner } from './runner.ts';

/** What there is in an application, and against the commit that the event says it was before. As Markdown. */
export async function renderAnalysis(
  { name, directory, config }: Application,
  graph: Graph,
  runner: Runner,
): Promise<string> {
  const { services } = graph;
  const endpoints = services.reduce((sum, service) => sum + service.endpoints.length, 0);
  const head = `### ${plain(name)}: ${count(services.length, 'service')} with ${count(endpoints, 'endpoint')}`;
  const commit = formerCommit(runner);
  if (commit === undefined) return head;
  const before = await runner.report.step('Analyze the base', () =>
    runner.checkout.analyzeAt(commit, { name, directory, config }),
  );
  if (!before) {
    const why = `There is no Graph of ${code(commit)} to compare with: check out with \`fetch-depth: 2\`, or the application is new or broken there.`;
    return [head, why].join('\n\n');
  }
  return [head, renderChanges({ before: 'the base', after: 'this commit' }, graphChanges(before, graph))].join('\n\n');
}

/** Of a pull request the commit it is merged into, which the merge commit that is checked out has as its first parent. */
function formerCommit({ event: { name, payload } }: Runner): string | undefined {
  if (name === 'pull_request') return 'HEAD^1';
  const { before } = payload;
  return name === 'push' && typeof before === 'string' && !/^0+$/.test(before) ? before : undefined;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
