import createRouter, { type HTTPMethod, type Instance } from 'find-my-way';

export interface Route<Target> {
  methods: string[];
  /** Segments: literal, `:name`, `*name`, `!name`. */
  path: string;
  target: Target;
}

export interface Match<Target> {
  target: Target;
  pathParams: Record<string, string>;
}

interface Stored<Target> {
  target: Target;
  names: string[];
}

/** Finds the route of a request, with or without a trailing slash. Fallback routes come last; HEAD falls back to GET. */
export class Router<Target> {
  readonly #tables: [main: Instance<never>, fallback: Instance<never>] = [newTable(), newTable()];
  /** Routes without parameters, which come before all others, for most requests: by path, then by method. */
  readonly #literal = new Map<string, Map<string, Target>>();

  constructor(routes: Route<Target>[]) {
    for (const route of routes) this.#add(route);
  }

  find(method: string, path: string): Match<Target> | undefined {
    const target = this.#literal.get(path)?.get(method);
    if (target !== undefined) return { target, pathParams: {} };
    for (const table of this.#tables) {
      for (const wanted of method === 'HEAD' ? headMethods : [method]) {
        const found = table.find(wanted as HTTPMethod, path);
        if (!found) continue;
        const { target, names } = found.store as Stored<Target>;
        const values = Object.values(found.params);
        return { target, pathParams: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
      }
    }
    return undefined;
  }

  /** Whether the path has a route for some other method. */
  knows(path: string): boolean {
    return allMethods.some((method) => this.find(method, path) !== undefined);
  }

  #add({ methods, path, target }: Route<Target>): void {
    const { pattern, names, fallback } = toPattern(path);
    const store: Stored<Target> = { target, names };
    if (plain.test(path)) this.#addLiteral(methods, path, target);
    const open = pattern.endsWith('*') || pattern.endsWith('/');
    for (const variant of open ? [pattern] : [pattern, `${pattern}/`]) {
      this.#tables[fallback ? 1 : 0].on(methods as HTTPMethod[], variant, () => {}, store);
    }
  }

  #addLiteral(methods: string[], path: string, target: Target): void {
    const byMethod = this.#literal.get(path) ?? new Map<string, Target>();
    this.#literal.set(path, byMethod);
    for (const method of methods) byMethod.set(method, target);
  }
}

/** What is asked for as it is written: there is nothing in it to decode. */
const plain = /^[\w./~-]+$/;

const headMethods = ['HEAD', 'GET'];
const allMethods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT'];

function newTable(): Instance<never> {
  return createRouter({ maxParamLength: 65_536 }) as unknown as Instance<never>;
}

/** A parameter stands for a segment that is not empty: the table's own would also match `/orders/` by `/orders/:id`. */
const some = '([\\s\\S]+)';

/** In the table's own syntax, with parameters by number: their names may hold what would mean something there. */
function toPattern(path: string): { pattern: string; names: string[]; fallback: boolean } {
  const names: string[] = [];
  const segments = path.split('/').map((segment) => {
    const kind = segment[0];
    if (kind !== ':' && kind !== '*' && kind !== '!') return segment.replaceAll(':', '::');
    names.push(segment.slice(1));
    return kind === ':' ? `:p${names.length}${some}` : '*';
  });
  return { pattern: segments.join('/'), names, fallback: path.includes('/!') };
}
