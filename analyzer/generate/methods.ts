import type { Endpoint, Method } from '../graph.ts';

/** What code can send: `fetch` refuses the others. */
const sendable: readonly Method[] = ['POST', 'GET', 'PUT', 'PATCH', 'DELETE'];

/**
 * The methods that a caller can choose from, the default first: POST where it is among them, since it carries everything. HEAD and
 * OPTIONS have no answer in their body, so they are left to raw endpoints and to those that know nothing else.
 */
export function callableMethods({ kind, methods }: Pick<Endpoint, 'kind' | 'methods'>): Method[] {
  const known: readonly Method[] = kind === 'raw' ? [...sendable, 'HEAD', 'OPTIONS'] : sendable;
  const callable = known.filter((method) => methods.includes(method));
  return callable.length > 0 ? callable : methods.slice(0, 1);
}
