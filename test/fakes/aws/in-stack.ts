import type { FakeAws } from './fake.ts';
import type { Properties, Resource, ResourceContext } from './model.ts';

/** Resources as CloudFormation would make them, one at a time and without a template. */
export interface InStack {
  make(type: string, properties: Properties, logicalId?: string): Promise<Resource>;
  change(type: string, id: string, properties: Properties, previous: Properties): Promise<Resource>;
  unmake(type: string, id: string, properties?: Properties, snapshot?: boolean): Promise<void>;
}

export function inStack({ world }: FakeAws, name = 'fairlead-shop-pr-1'): InStack {
  const { account, region } = world;
  const context = (logicalId: string, snapshot = false): ResourceContext => ({
    account,
    region,
    requestId: 'request',
    principal: { kind: 'root', account },
    stack: { id: `arn:aws:cloudformation:${region}:${account}:stack/${name}/1`, name },
    logicalId,
    tags: { 'fairlead:app': 'shop' },
    express: false,
    signal: new AbortController().signal,
    initiated: () => undefined,
    snapshot,
  });
  const provider = (type: string) => {
    const found = world.provider(type);
    if (!found) throw new Error(`No service has the type ${type}.`);
    return found;
  };
  return {
    make: (type, properties, logicalId = 'Thing') => provider(type).create(properties, context(logicalId)),
    change: (type, id, properties, previous) => provider(type).update(id, properties, previous, context('Thing')),
    unmake: (type, id, properties = {}, snapshot = false) =>
      provider(type).delete(id, properties, context('Thing', snapshot)),
  };
}

/** A network over two zones with one group, as other resources need one. */
export async function someNetwork({ make }: InStack): Promise<{ vpc: string; subnets: string[]; group: string }> {
  const { id: vpc } = await make('AWS::EC2::VPC', { CidrBlock: '10.0.0.0/16' });
  const subnets: string[] = [];
  for (const [index, zone] of ['a', 'b'].entries()) {
    const AvailabilityZone = `eu-central-1${zone}`;
    const made = await make('AWS::EC2::Subnet', { VpcId: vpc, CidrBlock: `10.0.${index}.0/24`, AvailabilityZone });
    subnets.push(made.id);
  }
  const { id: group } = await make('AWS::EC2::SecurityGroup', { VpcId: vpc, GroupDescription: 'all' });
  return { vpc, subnets, group };
}
