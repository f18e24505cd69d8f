import { compare } from '../report.ts';
import { identifier, Names } from './identifiers.ts';
import type { Surface } from './surface.ts';

/** Where a named schema is found in a generated file. */
export interface TypeName {
  namespace: string;
  name: string;
}

/** The namespace of each service: its name as an identifier. */
export function namespacesOf({ services }: Pick<Surface, 'services'>): Map<string, string> {
  const names = new Names();
  return new Map(services.map(({ name }) => [name, names.claim(identifier(name))]));
}

/**
 * Gives every named schema a namespace and a name of its own. A schema's key is its directory and its type, `orders.v1.Order`,
 * with the keys of its type arguments: it goes to the service that the directory belongs to, else to the directory.
 */
export function nameTypes(surface: Surface): Map<string, TypeName> {
  const keys = Object.keys(surface.schemas).sort(compare);
  const namespaces = namespacesOf(surface);
  const owners = surface.services
    .map(({ name, directory }) => ({ prefix: prefixOf(directory), namespace: namespaces.get(name) ?? name }))
    .sort((a, b) => b.prefix.length - a.prefix.length || compare(a.prefix, b.prefix));
  const taken = new Map<string, Names>();
  const named = new Map<string, TypeName>();
  for (const key of keys) {
    const plain = withoutArguments(key, keys);
    const at = plain.lastIndexOf('.');
    const owner = owners.find(({ prefix }) => key.startsWith(prefix) && (prefix !== '' || at < 0));
    const namespace = owner?.namespace ?? identifier(at < 0 ? 'types' : plain.slice(0, at).replaceAll('.', '_'));
    const names = taken.get(namespace) ?? new Names();
    taken.set(namespace, names);
    named.set(key, { namespace, name: names.claim(identifier(plain.slice(at + 1))) });
  }
  return named;
}

/** How the keys of schemas of a directory begin. */
function prefixOf(directory: string): string {
  return directory === '.' ? '' : `${directory.replaceAll(/[^A-Za-z0-9_]+/g, '.')}.`;
}

/** `orders.Page_orders.Order` → `orders.Page_Order`: type arguments by their own names. */
function withoutArguments(key: string, keys: readonly string[]): string {
  const longest = [...keys].sort((a, b) => b.length - a.length || compare(a, b));
  return longest.reduce(
    (text, other) =>
      other === key ? text : text.replaceAll(`_${other}`, `_${other.slice(other.lastIndexOf('.') + 1)}`),
    key,
  );
}
