import { allocationsOf, type Config, type Graph, imageKey, processesOf, type Reporter } from '../../pipeline/mod.ts';
import { dockerfileOf, unusedDockerfiles } from './find.ts';

/** By the key of an image: the Dockerfile that it is built from, relative to the root. */
export type Dockerfiles = ReadonlyMap<string, string>;

/** The Dockerfiles that count. Without a base the files run on this machine as they are, and none does. */
export async function chooseDockerfiles(
  root: string,
  graph: Graph,
  config: Config,
  { withBase, report }: { withBase: boolean; report: Pick<Reporter, 'warn'> },
): Promise<Dockerfiles> {
  const allocations = allocationsOf(config);
  for (const { code, message } of await unusedDockerfiles(root, graph, allocations)) report.warn(`${code}: ${message}`);
  const found = new Map<string, string>();
  for (const allocation of allocations) {
    for (const process of processesOf(graph, allocation)) {
      const path = await dockerfileOf(root, graph, process, config.build);
      if (path !== undefined) found.set(imageKey(allocation, process.name), path);
    }
  }
  if (withBase) return found;
  for (const path of found.values())
    report.warn(`FL2516: ${path} has no effect on this machine, which runs the bundle with its own Node.js`);
  return new Map();
}
