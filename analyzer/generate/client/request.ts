import { APIError } from './errors.ts';

/** How an endpoint is reached. */
export interface Route {
  /** With parameters: `:name` for a segment, `*name` and `!name` for the rest. */
  path: string;
  /** The first one is taken unless a call says otherwise. */
  methods: readonly string[];
  /** By method; absent: the endpoint takes nothing. */
  request?: readonly { methods: readonly string[]; fields: readonly Field[]; body: boolean }[];
  /** Absent: the endpoint answers nothing. */
  response?: readonly ResponseField[];
}

/** A field that does not travel in the body. */
export type Field = readonly [name: string, where: 'path' | 'query' | 'header' | 'cookie', wire: string];

/** A field of an answer that does not travel in the body, and what its text stands for. */
export type ResponseField = readonly [
  name: string,
  where: 'header' | 'cookie' | 'status',
  wire: string,
  type: 'string' | 'number' | 'boolean',
];

/** Parameters at the places where they travel. */
export interface Placed {
  path: string;
  query: URLSearchParams;
  headers: Headers;
  cookies: string[];
  /** JSON. */
  body?: string;
}

/** Puts parameters where the endpoint expects them. Those that are undefined or null stay away, except in the body. */
export function place(route: Route, method: string, params: object): Placed {
  const values = { ...params } as Record<string, unknown>;
  const encoding = route.request?.find(({ methods }) => methods.includes(method)) ?? route.request?.[0];
  const placed: Placed = { path: '', query: new URLSearchParams(), headers: new Headers(), cookies: [] };
  const parameters: Record<string, unknown> = encoding ? {} : values;
  for (const [name, where, wire] of encoding?.fields ?? []) {
    const value = values[name];
    delete values[name];
    if (where === 'path') parameters[wire] = value;
    else placeText(placed, where, wire, value);
  }
  placed.path = fillPath(route.path, parameters);
  if (encoding?.body) placed.body = JSON.stringify(values);
  return placed;
}

/** Adds fields that travel with every request, such as those of the auth handler. */
export function placeAll(placed: Placed, fields: readonly Field[], params: object): void {
  for (const [name, where, wire] of fields) placeText(placed, where, wire, (params as Record<string, unknown>)[name]);
}

function placeText({ query, headers, cookies }: Placed, where: Field[1], wire: string, value: unknown): void {
  if (value === undefined || value === null) return;
  if (where === 'query') for (const one of Array.isArray(value) ? value : [value]) query.append(wire, String(one));
  if (where === 'header') headers.set(wire, String(value));
  if (where === 'cookie') cookies.push(`${wire}=${encodeURIComponent(String(value))}`);
}

function fillPath(path: string, values: Record<string, unknown>): string {
  return path
    .split('/')
    .map((segment) => {
      const name = segment.slice(1);
      if (segment.startsWith(':')) return encodeSegment(name, values[name]);
      if (!segment.startsWith('*') && !segment.startsWith('!')) return encodeURI(segment);
      const rest = String(values[name] ?? '');
      return rest === ''
        ? ''
        : rest
            .split('/')
            .map((part) => encodeSegment(name, part, true))
            .join('/');
    })
    .join('/');
}

/** A URL cannot hold an empty segment as a parameter, and takes `.` and `..` for directions, however they are written. */
function encodeSegment(name: string, value: unknown, partial = false): string {
  const text = value === undefined || value === null ? '' : String(value);
  if (text === '.' || text === '..' || (text === '' && !partial))
    throw new APIError('invalid_argument', `${JSON.stringify(text)} cannot be the path parameter ${name}`);
  return encodeURIComponent(text);
}
