import type { Method } from '../analyzer/mod.ts';

/** What `method: '*'` stands for. */
const any: readonly Method[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'TRACE'];

/** The methods of an endpoint for people: `GET POST`, and `*` for those that it stands for. */
export function methodsText(methods: readonly Method[]): string {
  const isAny = methods.length === any.length && any.every((method) => methods.includes(method));
  return isAny ? '*' : methods.join(' ');
}
