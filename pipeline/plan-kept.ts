import { type Config, settingsFor } from './config.ts';
import type { Standing } from './draw-up.ts';
import { makePlan } from './make-plan.ts';
import type { Allocation, Plan } from './plan.ts';
import type { Reporter } from './ports.ts';
import { imageKey, processesOf } from './processes.ts';
import type { Release } from './release.ts';

/** Plans a release that is kept, without building it anew: in the processes it was built for, if not in those wanted. */
export function planKept(
  release: Release,
  config: Config,
  { environment, live, applied }: Standing,
  report: Reporter,
): Plan {
  const settings = settingsFor(config, environment);
  const processes = allocationIn(release, settings.processes);
  if (processes !== settings.processes) {
    report.warn(`That release was not built to run ${settings.processes}; it comes back ${processes}.`);
  }
  return makePlan({
    release,
    environment,
    settings: { ...settings, processes },
    ...(live && { deployed: live }),
    applied,
  });
}

/** What is wanted, unless the release knows only the other one: it must not fail for that. */
function allocationIn({ content: { graph, images } }: Release, wanted: Allocation): Allocation {
  const built = (allocation: Allocation) =>
    processesOf(graph, allocation).every(({ name }) => imageKey(allocation, name) in images);
  return [wanted, 'all-in-one' as const, 'per-service' as const].find(built) ?? wanted;
}
