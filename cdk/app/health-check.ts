import type { Plan } from '../../pipeline/mod.ts';
import { imageKey } from '../../pipeline/processes.ts';

const script = "fetch('http://127.0.0.1:8080/__encore/healthz').then((r)=>process.exit(r.ok?0:1),()=>process.exit(1))";

/**
 * What ECS runs to find out whether a container works: ECS does not look at what its image says. Undefined for images of the
 * application's own making, of which nothing is known.
 */
export function healthCheck({ release, settings }: Plan, process: string): string[] | undefined {
  const { base, unreproducible = [] } = release.content;
  if (unreproducible.includes(imageKey(settings.processes, process))) return undefined;
  // Where the images of the distroless project have it; elsewhere it is on the path.
  const node = /\bdistroless\b/.test(base?.image ?? '') ? '/nodejs/bin/node' : 'node';
  return ['CMD', node, '-e', script];
}
