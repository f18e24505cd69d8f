import { AwsError, type Call, type Operation, type Service, type Wish, type World } from '../../model.ts';
import { generatedName, tagList, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { page } from '../paging.ts';

interface Parameter {
  name: string;
  arn: string;
  account: string;
  region: string;
  type: 'String' | 'StringList' | 'SecureString';
  tier: string;
  description?: string;
  tags: Record<string, string>;
  /** From the first; the newest is last. */
  versions: { version: number; value: string; at: number; by: string }[];
}

export interface Ssm extends Service {
  readonly id: 'ssm';
  parameters: Map<string, Parameter>;
}

/** "Manage parameter tiers": bytes of a value. */
const sizes: Record<string, number> = { Standard: 4096, Advanced: 8192, 'Intelligent-Tiering': 8192 };

/** "AWS Systems Manager API Reference", Parameter Store. */
export function createSsm(world: World): Ssm {
  const parameters = new Map<string, Parameter>();
  const arnOf = (name: string, { account, region }: Pick<Call, 'account' | 'region'>) =>
    name.startsWith('arn:') ? name : `arn:aws:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
  /** `name`, `name:3`, or the ARN. */
  const split = (id: string): [string, number | undefined] => {
    const found = /^(.*?)(?::(\d+))?$/.exec(id.startsWith('arn:') ? id.slice(id.indexOf(':parameter')) : id);
    const version = found?.[2];
    return [version ? id.slice(0, -version.length - 1) : id, version ? Number(version) : undefined];
  };
  const find = (id: string, call: Call) => {
    const [name, wanted] = split(id);
    const parameter = parameters.get(arnOf(name, call));
    const version = parameter?.versions.find((one) => wanted === undefined || one.version === wanted);
    return parameter && { parameter, version: wanted === undefined ? parameter.versions.at(-1)! : version };
  };
  const get = (id: string, call: Call): Parameter => {
    const found = find(id, call);
    if (!found) throw new AwsError('ParameterNotFound', `Parameter ${id} not found.`);
    return found.parameter;
  };
  const output = ({ name, type, arn }: Parameter, { version, value, at }: Parameter['versions'][number]) => ({
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: new Date(at),
    ARN: arn,
    DataType: 'text',
  });
  const mine = ({ account, region }: Call) =>
    [...parameters.values()].filter((one) => one.account === account && one.region === region);

  const operations: Record<string, Operation> = {
    PutParameter(input, call) {
      const { Name: name, Value: value, Overwrite = false, Tier = 'Standard', Description, Tags } = input;
      if (!/^[\w./-]+$/.test(name))
        throw new AwsError(
          'ValidationException',
          `Parameter name: can't be prefixed with "ssm" (case-insensitive) or contain other characters than a-zA-Z0-9_.-/`,
        );
      if (value === '')
        throw new AwsError(
          'ValidationException',
          "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1.",
        );
      const most = sizes[Tier] ?? 4096;
      if (Buffer.byteLength(value) > most)
        throw new AwsError(
          'ValidationException',
          `${Tier} tier parameters support a maximum parameter value of ${most} characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.`,
        );
      const existing = parameters.get(arnOf(name, call));
      if (existing && !Overwrite)
        throw new AwsError(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      if (Overwrite && Tags?.length)
        throw new AwsError(
          'ValidationException',
          "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        );
      const parameter: Parameter = existing ?? {
        name,
        arn: arnOf(name, call),
        account: call.account,
        region: call.region,
        type: input.Type ?? 'String',
        tier: Tier,
        tags: Object.fromEntries((Tags ?? []).map(({ Key, Value }: Tag) => [Key, Value])),
        versions: [],
      };
      if (input.Type) parameter.type = input.Type;
      if (Description !== undefined) parameter.description = Description;
      const version = (parameter.versions.at(-1)?.version ?? 0) + 1;
      const by = call.principal.kind === 'role' ? call.principal.role : 'root';
      // "GetParameterHistory": the hundred newest are kept.
      parameter.versions = [...parameter.versions, { version, value, at: world.clock.now(), by }].slice(-100);
      parameters.set(parameter.arn, parameter);
      return { Version: version, Tier: parameter.tier };
    },
    GetParameter(input, call) {
      const parameter = get(input.Name, call);
      const version = find(input.Name, call)?.version;
      if (!version)
        throw new AwsError(
          'ParameterVersionNotFound',
          `Systems Manager could not find version ${split(input.Name)[1]} of ${parameter.name}.`,
        );
      return { Parameter: output(parameter, version) };
    },
    GetParameters(input, call) {
      const found = (input.Names as string[]).map((name) => ({ name, found: find(name, call) }));
      return {
        Parameters: found.flatMap(({ found: one }) => (one?.version ? [output(one.parameter, one.version)] : [])),
        InvalidParameters: found.filter(({ found: one }) => !one?.version).map(({ name }) => name),
      };
    },
    GetParametersByPath(input, call) {
      const path = input.Path.endsWith('/') ? input.Path : `${input.Path}/`;
      const below = mine(call).filter(
        ({ name }) => name.startsWith(path) && (input.Recursive || !name.slice(path.length).includes('/')),
      );
      const { items, next } = page(below, input.NextToken, input.MaxResults ?? 10);
      return { Parameters: items.map((one) => output(one, one.versions.at(-1)!)), ...(next && { NextToken: next }) };
    },
    GetParameterHistory(input, call) {
      const parameter = get(input.Name, call);
      return { Parameters: parameter.versions.map((one) => ({ ...output(parameter, one), LastModifiedUser: one.by })) };
    },
    DescribeParameters(input, call) {
      const { items, next } = page(
        mine(call).filter((one) => passes(one, input.ParameterFilters ?? [])),
        input.NextToken,
        input.MaxResults ?? 50,
      );
      const Parameters = items.map((one) => {
        const { Value: _value, ...rest } = output(one, one.versions.at(-1)!);
        return { ...rest, Tier: one.tier, ...(one.description !== undefined && { Description: one.description }) };
      });
      return { Parameters, ...(next && { NextToken: next }) };
    },
    DeleteParameter(input, call) {
      parameters.delete(get(input.Name, call).arn);
    },
    DeleteParameters(input, call) {
      const names: string[] = input.Names;
      const deleted = names.filter((name) => parameters.delete(arnOf(name, call)));
      return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
    },
    AddTagsToResource(input, call) {
      Object.assign(
        get(input.ResourceId, call).tags,
        Object.fromEntries(input.Tags.map(({ Key, Value }: Tag) => [Key, Value])),
      );
    },
    RemoveTagsFromResource(input, call) {
      const { tags } = get(input.ResourceId, call);
      for (const key of input.TagKeys) delete tags[key];
    },
    ListTagsForResource: (input, call) => ({ TagList: tagList(get(input.ResourceId, call).tags) }),
  };

  const ssm: Ssm = {
    id: 'ssm',
    parameters,
    operations,
    authorize(operation, input: Input, call) {
      const action = `ssm:${operation}`;
      const names = [input.Name ?? input.ResourceId ?? input.Path, ...(input.Names ?? [])].filter(
        (one) => one !== undefined,
      );
      if (names.length === 0)
        return [
          {
            action,
            resource: operation === 'DescribeParameters' ? `arn:aws:ssm:${call.region}:${call.account}:*` : '*',
          },
        ];
      const wishes: Wish[] = names.map((name) => ({ action, resource: arnOf(split(name)[0], call) }));
      return operation === 'PutParameter' && input.Tags?.length
        ? [...wishes, ...wishes.map((wish) => ({ ...wish, action: 'ssm:AddTagsToResource' }))]
        : wishes;
    },
    *tagged() {
      for (const { arn, tags } of parameters.values()) if (Object.keys(tags).length > 0) yield { arn, tags };
    },
    resources: {
      /** CloudFormation User Guide, `AWS::SSM::Parameter`: no secure strings. */
      'AWS::SSM::Parameter': {
        latency: latencies.small,
        async create(properties, context) {
          const Name = properties.Name ?? generatedName(context, world.random);
          const { Type, Value, Description, Tier } = properties;
          operations.PutParameter!(
            { Name, Type, Value, Description, Tier, Tags: tagList(tagsOf(properties, context)) },
            context,
          );
          return { id: Name, attributes: { Type, Value } };
        },
        async update(id, properties, _previous, context) {
          const { Type, Value, Description, Tier } = properties;
          operations.PutParameter!({ Name: id, Type, Value, Description, Tier, Overwrite: true }, context);
          get(id, context).tags = tagsOf(properties, context);
          return { id, attributes: { Type, Value } };
        },
        async delete(id, _properties, context) {
          operations.DeleteParameters!({ Names: [id] }, context);
        },
        async read(id, context) {
          const found = find(id, context);
          return found?.version && { Name: id, Type: found.parameter.type, Value: found.version.value };
        },
        wishes: (verb, properties, context, id) => [
          {
            action: verb === 'delete' ? 'ssm:DeleteParameter' : 'ssm:PutParameter',
            resource: arnOf(id ?? properties.Name ?? `${context.stack.name}-${context.logicalId}`, context),
          },
        ],
      },
    },
  };
  return ssm;
}

interface Tag {
  Key: string;
  Value: string;
}

interface Input {
  Name?: string;
  Names?: string[];
  Path?: string;
  ResourceId?: string;
  Tags?: Tag[];
}

/** "DescribeParameters": by name, exactly or by its beginning, by path, and by tag. */
function passes(
  { name, tags, type }: Parameter,
  filters: { Key: string; Option?: string; Values?: string[] }[],
): boolean {
  return filters.every(({ Key, Option = 'Equals', Values = [] }) => {
    if (Key.startsWith('tag:')) {
      const value = tags[Key.slice(4)];
      return value !== undefined && (Values.length === 0 || Values.includes(value));
    }
    if (Key === 'Path') return Values.some((path) => name.startsWith(path.endsWith('/') ? path : `${path}/`));
    const text = Key === 'Type' ? type : name;
    return Values.some((value) =>
      Option === 'BeginsWith' ? text.startsWith(value) : Option === 'Contains' ? text.includes(value) : text === value,
    );
  });
}
