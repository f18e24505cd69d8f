import type { Graph } from '../../analyzer/mod.ts';
import type { Change } from '../plan.ts';
import { calmEdges, kindNames, type View, type ViewEdge, type ViewNode, viewOf } from '../render/view.ts';
import { flowchart } from '../render-mermaid.ts';

type State = 'new' | 'changed' | 'removed';

/** A picture of what changes, and whatever stands next to it. */
export interface Picture {
  mermaid: string;
  /** What the looks mean, in words. */
  legend: string;
  /** What there was no room for, in a few words; empty when all of it is there. */
  leftOut: string;
}

/** What a picture can hold and still be taken in. */
const most = { nodes: 40, edges: 80, characters: 20_000 };

/**
 * The things and lines that are new, changed or removed, with their neighbours; where that is too much, without the neighbours;
 * then the services alone.
 * @returns undefined when nothing that pictures show is different, `too-large` when even the services are too many
 */
export function pictureOfChanges(
  before: Graph,
  after: Graph,
  changes: readonly Change[],
): Picture | 'too-large' | undefined {
  const difference = compare(viewOf(before), viewOf(after), changes);
  const { nodeStates, edgeStates } = difference;
  if (!changes.some(({ kind }) => isDrawn(kind)) || nodeStates.size + edgeStates.size === 0) return undefined;
  const concerned = difference.edges.filter(({ id, from, to }) => {
    return edgeStates.has(id) || nodeStates.has(from) || nodeStates.has(to);
  });
  const ends = (edges: ViewEdge[]) => edges.flatMap(({ from, to }) => [from, to]);
  const changed = difference.edges.filter(({ id }) => edgeStates.has(id));
  const service = ({ id, kind }: ViewNode) => kind === 'service' && nodeStates.has(id);
  const levels: { ids: Set<string>; edges: ViewEdge[]; leftOut: string }[] = [
    { ids: new Set([...nodeStates.keys(), ...ends(concerned)]), edges: concerned, leftOut: '' },
    {
      ids: new Set([...nodeStates.keys(), ...ends(changed)]),
      edges: changed,
      leftOut: 'what stays as it is',
    },
    {
      ids: new Set(difference.nodes.filter(service).map(({ id }) => id)),
      edges: changed,
      leftOut: 'everything but the changed services',
    },
  ];
  for (const { ids, edges, leftOut } of levels) {
    const nodes = difference.nodes.filter(({ id }) => ids.has(id));
    const drawn = edges.filter(({ from, to }) => ids.has(from) && ids.has(to));
    if (nodes.length === 0 || nodes.length > most.nodes || drawn.length > most.edges) continue;
    const mermaid = draw(nodes, drawn, difference);
    if (mermaid.length <= most.characters) return { mermaid, legend: legendOf(nodes, drawn, difference), leftOut };
  }
  return 'too-large';
}

/** Both views as one, and what is different. */
interface Difference {
  nodes: ViewNode[];
  edges: ViewEdge[];
  nodeStates: Map<string, State>;
  edgeStates: Map<string, State>;
}

function compare(before: View, after: View, changes: readonly Change[]): Difference {
  const touched = new Set(changes.flatMap((change) => (change.action === 'change' ? nodesOf(change, after) : [])));
  const edges = union(before.edges, after.edges);
  const nodes = union(before.nodes, after.nodes);
  const calm = new Set(calmEdges({ application: after.application, nodes, edges }).map(({ id }) => id));
  const old = new Map(before.nodes.map((node) => [node.id, node]));
  return {
    nodes,
    edges: edges.filter(({ id }) => calm.has(id)),
    nodeStates: statesOf(before.nodes, after.nodes, ({ id, secrets }) => {
      return touched.has(id) || old.get(id)?.secrets.join() !== secrets.join();
    }),
    edgeStates: new Map(
      [...statesOf(before.edges, after.edges, hasOtherDetails(before.edges))].filter(([id]) => calm.has(id)),
    ),
  };
}

function hasOtherDetails(before: ViewEdge[]): (edge: ViewEdge) => boolean {
  const old = new Map(before.map(({ id, details }) => [id, details.join()]));
  return ({ id, details }) => old.get(id) !== details.join();
}

function union<T extends { id: string }>(before: T[], after: T[]): T[] {
  const now = new Set(after.map(({ id }) => id));
  return [...after, ...before.filter(({ id }) => !now.has(id))];
}

function statesOf<T extends { id: string }>(
  before: T[],
  after: T[],
  isChanged: (node: T) => boolean,
): Map<string, State> {
  const old = new Set(before.map(({ id }) => id));
  const now = new Set(after.map(({ id }) => id));
  return new Map([
    ...after.flatMap((one): [string, State][] => {
      if (!old.has(one.id)) return [[one.id, 'new']];
      return isChanged(one) ? [[one.id, 'changed']] : [];
    }),
    ...before.flatMap(({ id }): [string, State][] => (now.has(id) ? [] : [[id, 'removed']])),
  ]);
}

/** Endpoints and the like are no things of a picture: alone they are not worth one. */
function isDrawn(kind: Change['kind']): boolean {
  return !['setting', 'middleware', 'endpoint', 'metric', 'migration', 'keyspace'].includes(kind);
}

/** The nodes that a change is about. */
function nodesOf({ kind, subject }: Change, { nodes }: View): string[] {
  const owner = { endpoint: '.', middleware: '.', keyspace: ' → ', migration: '/' }[kind as string];
  if (owner !== undefined) {
    const wanted = { keyspace: 'cache', migration: 'database' }[kind as string] ?? 'service';
    return nodes.flatMap((node) =>
      node.kind === wanted && subject.startsWith(`${node.name}${owner}`) ? [node.id] : [],
    );
  }
  if (kind === 'gateway' || kind === 'auth handler') return ['gateway'];
  return [`${kind === 'cron job' ? 'cron' : kind}:${subject}`];
}

/** Tints that let the text of the viewer's theme be read, in light and in dark. */
const looks = {
  new: 'fill:#2da44e40,stroke:#2da44e,stroke-width:2px',
  changed: 'fill:#d4a72c40,stroke:#bf8700,stroke-width:2px',
  removed: 'fill:#f8514940,stroke:#f85149,stroke-width:2px,stroke-dasharray:5 4',
  same: 'fill:#8b949e1f,stroke:#8b949e',
};

const lines: Record<State, string> = {
  new: 'stroke:#2da44e,stroke-width:2px',
  changed: 'stroke:#bf8700,stroke-width:2px',
  removed: 'stroke:#f85149,stroke-width:2px,stroke-dasharray:5 4',
};

function draw(nodes: ViewNode[], edges: ViewEdge[], { nodeStates, edgeStates }: Difference): string {
  const used = new Set(nodes.map(({ id }) => nodeStates.get(id) ?? 'same'));
  return flowchart({
    nodes: nodes.map((node) => {
      const state = nodeStates.get(node.id);
      return { node, notes: notesOf(node, state), look: state ?? 'same' };
    }),
    edges: edges.map((edge) => {
      const state = edgeStates.get(edge.id);
      return { edge, ...(state && { look: lines[state] }) };
    }),
    looks: Object.fromEntries(Object.entries(looks).filter(([name]) => used.has(name as State))),
  });
}

/** `new topic`, `service`, `database, changed`; nothing where the name says it. */
function notesOf({ kind, name }: ViewNode, state: State | undefined): string[] {
  const noun = kindNames[kind];
  if (state === 'new') return [`new ${noun}`];
  if (state !== undefined) return [`${noun}, ${state}`];
  return name === noun ? [] : [noun];
}

const meanings: Record<State, string> = {
  new: 'green is new',
  changed: 'yellow is changed',
  removed: 'red and dashed goes away',
};

function legendOf(nodes: ViewNode[], edges: ViewEdge[], { nodeStates, edgeStates }: Difference): string {
  const states = new Set([...nodes.map(({ id }) => nodeStates.get(id)), ...edges.map(({ id }) => edgeStates.get(id))]);
  const said = (['new', 'changed', 'removed'] as const).filter((state) => states.has(state));
  const rest = nodes.some(({ id }) => !nodeStates.has(id)) ? ['grey stays as it is'] : [];
  const text = [...said.map((state) => meanings[state]), ...rest].join(', ');
  return `${text[0]?.toUpperCase() ?? ''}${text.slice(1)}.`;
}
