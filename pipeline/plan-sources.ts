import type { Graph } from '../analyzer/mod.ts';
import type { Config } from './config.ts';
import { settingsFor } from './config.ts';
import type { Environment } from './environment.ts';
import { makePlan } from './make-plan.ts';
import type { Plan } from './plan.ts';
import { imageKey } from './processes.ts';
import { type Digest, databaseSchemas } from './release.ts';
import { version } from './version.ts';

/** No image has this digest. */
const unbuilt: Digest = `sha256:${'0'.repeat(64)}`;

/**
 * What sources need of an environment, all services together, without building them: databases, queues, buckets, caches and
 * secrets are as in any other plan, and no process can be started by it.
 */
export function planSources(graph: Graph, environment: Environment, config: Config): Plan {
  const key = imageKey('all-in-one', 'app');
  return makePlan({
    release: {
      digest: unbuilt,
      content: {
        version: 2,
        tool: version,
        graph,
        images: { [key]: unbuilt },
        migrate: key,
        databases: databaseSchemas(graph),
        inputs: {},
      },
      source: { hash: unbuilt },
    },
    environment,
    settings: { ...settingsFor(config, environment), processes: 'all-in-one' },
  });
}
