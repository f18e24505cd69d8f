/** The logical ids that a value of a template refers to, each once, in their order. */
export function referencesIn(value: unknown): string[] {
  return [...new Set(find(value))];
}

export function refersTo(value: unknown, id: string): boolean {
  return find(value).includes(id);
}

function find(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(find);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : String(inner).split('.')[0])];
    if (key === 'Fn::Sub') return substituted(inner);
    return find(inner);
  });
}

/** `${Queue.Arn}` → `Queue`; names that the function itself gives values for are not references. */
function substituted(value: unknown): string[] {
  const [text, own = {}] = Array.isArray(value) ? value : [value];
  const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name]) => name!.split('.')[0]!);
  return [...names.filter((name) => !Object.hasOwn(own as object, name)), ...find(own)];
}
