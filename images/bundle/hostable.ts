import { comparePositions } from '../../analyzer/report.ts';
import type { AppSettings, Diagnostic, Graph, Position } from '../../pipeline/mod.ts';

/** A declaration of a kind that cannot be hosted. */
interface Found {
  /** As people know it: `orders.hook`. */
  name: string;
  position: Position;
}

interface Kind {
  /** What a sentence calls it: `raw endpoint`. */
  words: string;
  /** What to do instead: a sentence. */
  help: string;
  find: (graph: Graph) => Found[];
}

/** What an application may declare, and neither the runtime nor a target can host yet. */
const unhosted: Kind[] = [
  { words: 'metric', help: 'Write a log line that carries the number.', find: ({ metrics }) => metrics },
  setting('build.worker_pooling', 'Remove it.', ({ workerPooling }) => workerPooling),
];

/** Everything an application declares that cannot be hosted yet, by place; empty when all of it can. */
export function hostable(graph: Graph): Diagnostic[] {
  return unhosted
    .flatMap(({ words, help, find }) => find(graph).map((found) => refusal(words, help, found)))
    .sort((a, b) => comparePositions(a.position, b.position));
}

function refusal(words: string, help: string, { name, position }: Found) {
  const message = `${words} \`${name}\` cannot be hosted yet`;
  return { code: 'FL2005', severity: 'error', message, help, position } as const;
}

/** A setting of encore.app that is given and not off. It has no place of its own in the Graph; its file has. */
function setting(name: string, help: string, read: (settings: AppSettings) => unknown): Kind {
  const found = { name, position: { file: 'encore.app', line: 1, column: 1 } };
  return { words: 'setting', help, find: ({ settings }) => (read(settings) ? [found] : []) };
}
