import { asCall } from './intrinsics.ts';
import { invalid } from './refusals.ts';
import { attributesOf, isRecord } from './spec.ts';
import type { ResourceDeclaration, TemplateDocument } from './template.ts';

export interface Reference {
  to: string;
  /** Of `Fn::GetAtt`; absent of `Ref`. */
  attribute?: string;
}

/** Every `Ref`, `Fn::GetAtt` and `${}` in a value, to resources and parameters alike. */
export function referencesIn(value: unknown): Reference[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  if (!isRecord(value)) return [];
  const call = asCall(value);
  if (!call) return Object.values(value).flatMap(referencesIn);
  if (call.name === 'Ref') return [{ to: String(call.argument) }];
  if (call.name === 'Fn::GetAtt') return inGetAtt(call.argument);
  if (call.name === 'Fn::Sub') return inSub(call.argument);
  return referencesIn(call.argument);
}

function inGetAtt(argument: unknown): Reference[] {
  const [to, ...rest] = Array.isArray(argument) ? argument : String(argument).split('.');
  const isPlain = rest.every((part) => typeof part === 'string');
  return [{ to: String(to), ...(isPlain && { attribute: rest.join('.') }) }, ...referencesIn(rest)];
}

function inSub(argument: unknown): Reference[] {
  const [text, given] = Array.isArray(argument) ? argument : [argument, {}];
  const own = new Set(isRecord(given) ? Object.keys(given) : []);
  const names = [...String(text).matchAll(/\$\{([^!}][^}]*)\}/g)].map(([, name = '']) => name.trim());
  const outside = names
    .filter((name) => !own.has(name))
    .map((name): Reference => {
      const dot = name.indexOf('.');
      return dot === -1 ? { to: name } : { to: name.slice(0, dot), attribute: name.slice(dot + 1) };
    });
  return [...outside, ...referencesIn(given)];
}

/** By logical id: what has to be there first. Only those of `active` count. */
export function dependencies(template: TemplateDocument, active: ReadonlySet<string>): Map<string, string[]> {
  const all = [...active].map((id): [string, string[]] => {
    const resource = template.Resources[id] as ResourceDeclaration;
    const explicit = resource.DependsOn === undefined ? [] : [resource.DependsOn].flat();
    const implied = referencesIn(resource.Properties).map(({ to }) => to);
    return [id, [...new Set([...explicit, ...implied])].filter((to) => active.has(to) && to !== id)];
  });
  return new Map(all);
}

/** From what depends on nothing on. @throws AwsError for a circle */
export function inOrder(graph: ReadonlyMap<string, string[]>): string[] {
  const done = new Set<string>();
  let left = [...graph.keys()];
  while (left.length > 0) {
    const ready = left.filter((id) => (graph.get(id) ?? []).every((needed) => done.has(needed)));
    if (ready.length === 0) throw invalid(`Circular dependency between resources: [${left.sort().join(', ')}]`);
    for (const id of ready) done.add(id);
    left = left.filter((id) => !done.has(id));
  }
  return [...done];
}

const pseudo = /^AWS::(AccountId|NotificationARNs|NoValue|Partition|Region|StackId|StackName|URLSuffix)$/;

/** Refuses references to what is not in the template, and to attributes that a type does not have. */
export function checkReferences(template: TemplateDocument): void {
  const { Resources, Parameters = {}, Outputs = {} } = template;
  const known = (name: string) => name in Resources || name in Parameters || pseudo.test(name);
  const unresolved = (value: unknown) =>
    referencesIn(value)
      .filter(({ to }) => !known(to))
      .map(({ to }) => to);
  const explicit = Object.values(Resources).flatMap(({ DependsOn = [] }) => [DependsOn].flat());
  const missing = [
    ...Object.values(Resources).flatMap(({ Properties }) => unresolved(Properties)),
    ...explicit.filter((id) => !(id in Resources)),
  ];
  if (missing.length > 0) {
    throw invalid(
      `Template format error: Unresolved resource dependencies [${[...new Set(missing)].join(', ')}] in the Resources block of the template`,
    );
  }
  const inOutputs = Object.values(Outputs).flatMap(({ Value, Export }) => unresolved([Value, Export?.Name]));
  if (inOutputs.length > 0) {
    throw invalid(
      `Template format error: Unresolved resource dependencies [${[...new Set(inOutputs)].join(', ')}] in the Outputs block of the template`,
    );
  }
  for (const reference of referencesIn([Object.values(Resources).map(({ Properties }) => Properties), Outputs])) {
    checkAttribute(reference, Resources);
  }
  inOrder(dependencies(template, new Set(Object.keys(Resources))));
}

function checkAttribute({ to, attribute }: Reference, resources: TemplateDocument['Resources']): void {
  if (attribute === undefined) return;
  const type = resources[to]?.Type;
  if (type === undefined) throw invalid(`Template error: instance of Fn::GetAtt references undefined resource ${to}`);
  const known = attributesOf(type);
  // Custom resources answer what they like, and some attributes are maps whose keys no schema lists.
  if (type.startsWith('Custom::') || known.length === 0) return;
  if (known.some((name) => attribute === name || attribute.startsWith(`${name}.`))) return;
  throw invalid(`Template error: resource ${to} does not support attribute type ${attribute} in Fn::GetAtt`);
}
