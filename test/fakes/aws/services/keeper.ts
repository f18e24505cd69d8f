import {
  AwsError,
  type Call,
  type Properties,
  type ResourceContext,
  type ResourceProvider,
  type Wish,
} from '../model.ts';

/** A resource of CloudFormation that is little more than what was asked for. */
export interface Kept {
  id: string;
  account: string;
  region: string;
  properties: Properties;
  attributes: Record<string, unknown>;
  tags: Record<string, string>;
}

export interface KeeperOptions {
  id(properties: Properties, context: ResourceContext): string;
  attributes?(kept: Kept, context: ResourceContext): Record<string, unknown>;
  /** Refuses: before it is made and before it is changed. */
  check?(properties: Properties, context: ResourceContext, id?: string): void | Promise<void>;
  made?(kept: Kept, context: ResourceContext): void | Promise<void>;
  changed?(kept: Kept, previous: Properties, context: ResourceContext): void | Promise<void>;
  /** Refuses, or takes down what stands behind it. */
  remove?(kept: Kept, context: ResourceContext): void | Promise<void>;
  latency?: NonNullable<ResourceProvider['latency']>;
  wishes?: NonNullable<ResourceProvider['wishes']>;
}

export interface Keeper {
  provider: ResourceProvider;
  /** By id. */
  all: Map<string, Kept>;
  of(call: Pick<Call, 'account' | 'region'>): Kept[];
}

/** Keeps the resources of one type by their ids. */
export function keeper(options: KeeperOptions): Keeper {
  const all = new Map<string, Kept>();
  const answer = (kept: Kept, context: ResourceContext) => {
    kept.attributes = options.attributes?.(kept, context) ?? {};
    return { id: kept.id, attributes: kept.attributes };
  };
  const provider: ResourceProvider = {
    async create(properties, context) {
      await options.check?.(properties, context);
      const { account, region } = context;
      const id = options.id(properties, context);
      const tags = tagsOf(properties, context);
      const kept: Kept = { id, account, region, properties: structuredClone(properties), attributes: {}, tags };
      all.set(id, kept);
      try {
        await options.made?.(kept, context);
      } catch (error) {
        all.delete(id);
        throw error;
      }
      return answer(kept, context);
    },
    async update(id, properties, previous, context) {
      await options.check?.(properties, context, id);
      const kept = all.get(id);
      if (!kept) throw new Error(`${id} is not there to be changed.`);
      kept.properties = structuredClone(properties);
      kept.tags = tagsOf(properties, context);
      await options.changed?.(kept, previous, context);
      return answer(kept, context);
    },
    async delete(id, _properties, context) {
      const kept = all.get(id);
      if (!kept) return;
      await options.remove?.(kept, context);
      all.delete(id);
    },
    read: async (id) => structuredClone(all.get(id)?.properties),
    ...(options.latency && { latency: options.latency }),
    ...(options.wishes && { wishes: options.wishes }),
  };
  const of: Keeper['of'] = ({ account, region }) =>
    [...all.values()].filter((kept) => kept.account === account && kept.region === region);
  return { provider, all, of };
}

/** What everything in a stack carries besides its own tags. CloudFormation User Guide, "Resource tags". */
export function tagsOf(properties: Properties, context: ResourceContext): Record<string, string> {
  const own = Array.isArray(properties.Tags)
    ? Object.fromEntries(properties.Tags.map((tag: { Key: string; Value: string }) => [tag.Key, tag.Value]))
    : (properties.Tags ?? {});
  return {
    ...context.tags,
    ...own,
    'aws:cloudformation:stack-name': context.stack.name,
    'aws:cloudformation:stack-id': context.stack.id,
    'aws:cloudformation:logical-id': context.logicalId,
  };
}

export const tagList = (tags: Record<string, string>): { Key: string; Value: string }[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

export function arn(service: string, call: Pick<Call, 'account' | 'region'>, resource: string): string {
  return `arn:aws:${service}:${call.region}:${call.account}:${resource}`;
}

/** One action each on the resource that `on` names; tagging is asked for apart by services that do so. */
export function actions(
  table: { create: string[]; update: string[]; delete: string[] },
  on: (properties: Properties, context: ResourceContext, id?: string) => string = () => '*',
): NonNullable<ResourceProvider['wishes']> {
  return (verb, properties, context, id) =>
    table[verb].map((action): Wish => ({ action, resource: on(properties, context, id) }));
}

/** A name as CloudFormation makes one up: stack, logical id, and twelve characters of its own. */
export function generatedName(context: ResourceContext, random: { text(length: number): string }, most = 255): string {
  const tail = random.text(12).toUpperCase();
  return `${context.stack.name}-${context.logicalId}`.slice(0, most - tail.length - 1).concat('-', tail);
}

/** What CloudFormation says when a name of the template is taken by something outside it. */
export function alreadyExists(name: string): AwsError {
  return new AwsError('AlreadyExists', `${name} already exists`);
}
