import { createLocalLock, type Prepared, prepareEnvironment } from '../local/mod.ts';
import { type Graph, parseConfig, parseEnvironment, planSources } from '../pipeline/mod.ts';
import { readText } from './application.ts';
import type { Context } from './context.ts';
import { readLocalSecrets } from './local-secrets.ts';

/** The infrastructure that `fairlead run` uses, brought up to the sources; what runs goes on. */
export function prepareLocal({ directory, stateDirectory, report }: Context, graph: Graph): Promise<Prepared> {
  const environment = parseEnvironment(graph.application, 'local');
  const config = parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json');
  const plan = planSources(graph, environment, config);
  const localSecrets = readLocalSecrets(directory);
  const lock = createLocalLock(stateDirectory, (message) => report.info(message));
  return lock.hold(environment, () =>
    prepareEnvironment({ stateDirectory, plan, root: directory, localSecrets }, report),
  );
}
