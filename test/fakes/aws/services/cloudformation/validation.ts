import type { Call } from '../../model.ts';
import type { Api } from './api.ts';
import { standing } from './changes.ts';
import { desire } from './desire.ts';
import { Unknown } from './intrinsics.ts';
import { activeResources, scopeOf } from './scope.ts';
import { identifierOf, nameProperty, violations } from './spec.ts';
import type { ChangeSet } from './stack.ts';
import type { ResourceDeclaration } from './template.ts';

type Failure = ChangeSet['failures'][number];

/** User Guide, "Validate stack deployments": properties by the schema, and names that are taken, before anything is done. */
export async function earlyFailures(api: Api, changeSet: ChangeSet, call: Call): Promise<Failure[]> {
  const { stack, settings } = changeSet;
  const { imported } = api.wants(stack, 'ROLLBACK');
  const scope = scopeOf(stack, settings, {
    imported,
    ref: (id) => stack.resources.get(id)?.physicalId ?? new Unknown([]),
    attribute: (id, name) => stack.resources.get(id)?.attributes[name] ?? new Unknown([]),
  });
  const failures: Failure[] = [];
  for (const logicalId of activeResources(settings.template, scope)) {
    const declaration = settings.template.Resources[logicalId] as ResourceDeclaration;
    const { type, properties } = desire(logicalId, declaration, scope, { dependsOn: [], tags: {} });
    const found = violations(type, properties, (value) => value instanceof Unknown || isDynamic(value));
    failures.push(...found.map(({ path, message }) => ({ logicalId, type, ...said(logicalId, path, message) })));
    if (standing(stack.resources.get(logicalId))) continue;
    const taken = await takenName(api, changeSet, call, logicalId, type, properties);
    if (taken !== undefined) failures.push(taken);
  }
  return failures;
}

/** A dynamic reference stands for a value that is not known yet. */
const isDynamic = (value: unknown): boolean => typeof value === 'string' && value.includes('{{resolve:');

/** In the words of aws/aws-cdk-cli#1463. */
function said(logicalId: string, path: string, message: string) {
  const required = /^required key \[(.+)\] not found$/.exec(message)?.[1];
  const extraneous = /^extraneous key \[(.+)\] is not permitted$/.exec(message)?.[1];
  const words = required
    ? `Required property [${required}] not found`
    : extraneous
      ? `Unsupported property [${extraneous}]`
      : message;
  return {
    path: `/Resources/${logicalId}/Properties${path}`,
    message: words,
    name: 'AWS::EarlyValidation::PropertyValidation',
  };
}

/** aws/aws-cdk-cli#1000: "Resource of type … with identifier … already exists." Only of types whose id is the name itself. */
async function takenName(
  api: Api,
  { stack }: ChangeSet,
  call: Call,
  logicalId: string,
  type: string,
  properties: Record<string, unknown>,
): Promise<Failure | undefined> {
  const property = nameProperty(type);
  const name = property === undefined ? undefined : properties[property];
  if (typeof name !== 'string' || identifierOf(type).join() !== property) return undefined;
  const context = {
    ...call,
    stack: { id: stack.id, name: stack.name },
    logicalId,
    tags: {},
    express: false,
    signal: new AbortController().signal,
    initiated: () => undefined,
    snapshot: false,
  };
  if (!(await api.provider(type).read(name, context))) return undefined;
  return {
    logicalId,
    type,
    physicalId: name,
    path: `/Resources/${logicalId}/Properties/${property}`,
    message: `Resource of type '${type}' with identifier '${name}' already exists.`,
    name: 'AWS::EarlyValidation::ResourceExistenceCheck',
  };
}
