import type { EdgeKind, NodeKind, ViewEdge } from './view.ts';

/** Present on every machine that shows pictures; measured by `measure.ts`. */
export const fontFamily =
  'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "DejaVu Sans", sans-serif';

/** Names of the CSS variables, and what they are in light and in dark. */
export const colors: Record<string, [light: string, dark: string]> = {
  canvas: ['#f6f8fa', '#0d1117'],
  card: ['#ffffff', '#161b22'],
  border: ['#d8dee4', '#30363d'],
  line: ['#eaeef2', '#21262d'],
  text: ['#1f2328', '#e6edf3'],
  muted: ['#636c76', '#8d96a0'],
  gateway: ['#0e7490', '#39c5cf'],
  service: ['#4f46e5', '#9da5ff'],
  database: ['#0969da', '#58a6ff'],
  topic: ['#bc4c00', '#f0883e'],
  bucket: ['#1a7f37', '#3fb950'],
  cache: ['#cf222e', '#ff7b72'],
  cron: ['#8250df', '#bc8cff'],
  secret: ['#7d6608', '#d4a72c'],
};

const edgeColors: Record<Exclude<EdgeKind, 'use'>, NodeKind> = {
  request: 'gateway',
  authenticate: 'gateway',
  trigger: 'cron',
  call: 'service',
  publish: 'topic',
  deliver: 'topic',
};

/** The name of the variable with the colour of a line: for the use of a resource, that of the resource. */
export function colorOf({ kind, to }: Pick<ViewEdge, 'kind' | 'to'>): string {
  return kind === 'use' ? to.slice(0, to.indexOf(':')) : edgeColors[kind];
}

export type Scheme = 'light' | 'dark';

/** The declarations of all variables in a colour scheme. */
export function variables(scheme: Scheme): string {
  const index = scheme === 'light' ? 0 : 1;
  return Object.entries(colors)
    .map(([name, pair]) => `--${name}:${pair[index]}`)
    .join(';');
}
