/** What came of it: what failed, what was not begun. */
export interface Outcome {
  failed: string[];
  left: string[];
}

/**
 * Works on each as soon as all it needs is done, side by side where nothing stands between. What needs a failed one is not begun.
 * With `stop`, after the first failure nothing else is begun, and `stop` is called to end what is under way.
 */
export async function inParallel(
  graph: ReadonlyMap<string, readonly string[]>,
  work: (id: string) => Promise<boolean>,
  stop?: { signal: AbortSignal; now: () => void },
): Promise<Outcome> {
  const done = new Set<string>();
  const failed: string[] = [];
  const begun = new Map<string, Promise<void>>();
  const isReady = (id: string) =>
    !begun.has(id) && (graph.get(id) ?? []).every((needed) => done.has(needed) || !graph.has(needed));
  const run = async (id: string) => {
    if (await work(id)) done.add(id);
    else {
      failed.push(id);
      stop?.now();
    }
    begin();
  };
  const begin = () => {
    if (stop?.signal.aborted) return;
    for (const id of graph.keys()) if (isReady(id)) begun.set(id, run(id));
  };
  begin();
  for (let count = -1; count !== begun.size; ) {
    count = begun.size;
    await Promise.all(begun.values());
  }
  return { failed, left: [...graph.keys()].filter((id) => !done.has(id) && !failed.includes(id)) };
}

/** Turned around: what has to be gone before. */
export function reversed(graph: ReadonlyMap<string, readonly string[]>): Map<string, string[]> {
  const turned = new Map<string, string[]>([...graph.keys()].map((id) => [id, []]));
  for (const [id, needed] of graph) for (const one of needed) turned.get(one)?.push(id);
  return turned;
}
