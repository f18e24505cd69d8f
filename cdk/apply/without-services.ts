import type { Template } from '../model.ts';

/** Outputs that say that something answers. */
const answers = ['Release', 'Url', 'CanaryUrl', 'Services', 'CronQueues'];

/** A template without what runs, and without what is about that: what is left of a first release that was refused. */
export function withoutServices(template: Template): Template {
  const gone = new Set(
    Object.keys(template.Resources).filter((id) => template.Resources[id]!.Type === 'AWS::ECS::Service'),
  );
  for (let before = -1; before !== gone.size; ) {
    before = gone.size;
    for (const [id, resource] of Object.entries(template.Resources)) if (names(resource, gone)) gone.add(id);
  }
  const kept = <T>(record: Record<string, T>, leave: (id: string, value: T) => boolean) =>
    Object.fromEntries(Object.entries(record).filter(([id, value]) => !leave(id, value)));
  return {
    ...template,
    Resources: kept(template.Resources, (id) => gone.has(id)),
    Outputs: kept(template.Outputs ?? {}, (id, output) => answers.includes(id) || names(output, gone)),
  };
}

/** Whether a value refers to one of the resources. */
function names(value: unknown, ids: ReadonlySet<string>): boolean {
  if (Array.isArray(value)) return value.some((inner) => names(inner, ids));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, inner]) => {
    if (key === 'Ref') return ids.has(String(inner));
    if (key === 'DependsOn') return [inner].flat().some((id) => ids.has(String(id)));
    if (key === 'Fn::GetAtt') return ids.has(String(Array.isArray(inner) ? inner[0] : inner).split('.')[0]!);
    if (key === 'Fn::Sub')
      return [...JSON.stringify(inner).matchAll(/\$\{([A-Za-z0-9]+)/g)].some(([, id]) => ids.has(id!));
    return names(inner, ids);
  });
}
