import type { CfnResource } from 'aws-cdk-lib';
import { core } from '../../cdk/library.ts';
import type { Stack, Template } from '../../cdk/model.ts';

/** A stack as `bare-cdk.cjs` reads it. */
export interface BareStack {
  name: string;
  resources: BareResource[];
  mappings: NonNullable<Template['Mappings']>;
  outputs: NonNullable<Template['Outputs']>;
}

interface BareResource {
  /** `aws-ecs`. */
  library: string;
  /** `CfnService`. */
  construct: string;
  id: string;
  /** As the construct takes them, with references as CloudFormation writes them. */
  properties: unknown;
  options: { deletionPolicy?: string; updateReplacePolicy?: string };
  /** What it depends on besides what it refers to. */
  after: string[];
}

/** What the same constructs with the same properties are made of, in an order in which they can be. */
export function bareInput(synthesize: () => Stack): BareStack {
  const made: CfnResource[] = [];
  const { prototype } = core.CfnResource;
  const render = prototype._toCloudFormation;
  prototype._toCloudFormation = function (this: CfnResource) {
    made.push(this);
    return render.call(this);
  };
  try {
    const { name, template } = synthesize();
    const resources = made.map((resource) => bareResource(resource, template));
    return { name, resources, mappings: template.Mappings ?? {}, outputs: template.Outputs ?? {} };
  } finally {
    prototype._toCloudFormation = render;
  }
}

function bareResource(resource: CfnResource, { Resources }: Template): BareResource {
  const { id } = resource.node;
  const { Type, DependsOn, DeletionPolicy, UpdateReplacePolicy } = Resources[id]!;
  const { cfnProperties } = resource as unknown as { cfnProperties: unknown };
  return {
    library: `aws-${Type.split('::')[1]!.toLowerCase()}`,
    construct: resource.constructor.name,
    id,
    properties: resource.stack.resolve(cfnProperties),
    options: {
      ...(DeletionPolicy && { deletionPolicy: DeletionPolicy }),
      ...(UpdateReplacePolicy && { updateReplacePolicy: UpdateReplacePolicy }),
    },
    after: [DependsOn ?? []].flat(),
  };
}
