import type { Template, TemplateResource } from './model.ts';

/** What a migration needs of the outputs: which task it is, and where it writes its log. */
const outputs = ['MigrateTaskDefinition', 'ProvisionTaskDefinition', 'LogGroup'];

/**
 * What to apply before databases are migrated: what is deployed, as it is, and of the new template only what the tasks need that
 * migrate. No service changes by it. Where tasks migrate themselves, what is deployed, or else the new template.
 */
export function prepareTemplate(deployed: Template | undefined, next: Template): Template {
  const wanted = next.Outputs?.MigrateTaskDefinition;
  if (!wanted) return deployed ?? next;
  const ours = outputs.flatMap((name) => (next.Outputs?.[name] ? [[name, next.Outputs[name]] as const] : []));
  const needed = closure(
    next,
    ours.map(([, { Value }]) => Value),
  );
  return {
    ...(next.Description !== undefined && { Description: next.Description }),
    // In the order of any template, so that one that is there is known again.
    Resources: {
      ...deployed?.Resources,
      ...Object.fromEntries(Object.entries(next.Resources).filter(([id]) => needed.has(id))),
    },
    ...((deployed?.Mappings || next.Mappings) && { Mappings: { ...deployed?.Mappings, ...next.Mappings } }),
    Outputs: { ...deployed?.Outputs, ...Object.fromEntries(ours) },
  };
}

/** The resources that values name, and all that those need in turn. */
function closure({ Resources }: Template, values: unknown[]): Set<string> {
  const found = new Set<string>();
  const open = values.flatMap(named);
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const resource = Resources[id];
    if (!resource || found.has(id)) continue;
    found.add(id);
    open.push(...dependencies(resource));
  }
  return found;
}

function dependencies({ Properties, DependsOn = [] }: TemplateResource): string[] {
  return [...named(Properties), ...[DependsOn].flat()];
}

/** Every logical id that a value refers to. */
function named(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(named);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === 'Ref' && typeof inner === 'string') return [inner];
    if (key === 'Fn::GetAtt') return [String(Array.isArray(inner) ? inner[0] : inner).split('.')[0]!];
    if (key === 'Fn::Sub') return [...JSON.stringify(inner).matchAll(/\$\{([A-Za-z0-9]+)/g)].map(([, id]) => id!);
    return named(inner);
  });
}
