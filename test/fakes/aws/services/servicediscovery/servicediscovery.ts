import { AwsError, type World } from '../../model.ts';
import type { Discovery } from '../ecs/load-balancing.ts';
import { actions, arn, type Keeper, type Kept, keeper, tagList } from '../keeper.ts';
import { latencies } from '../latencies.ts';

/** AWS Cloud Map: private names of services, and what they lead to. */
export function createServiceDiscovery(world: World): Discovery {
  /** By id of the service, then by id of the instance. */
  const instances = new Map<string, Map<string, Record<string, string>>>();

  const namespaces: Keeper = keeper({
    id: () => `ns-${world.random.text(16)}`,
    check({ Name }, context, id) {
      // API Reference, `CreatePrivateDnsNamespace`: `NamespaceAlreadyExists`.
      const taken = namespaces.of(context).some((one) => one.id !== id && one.properties.Name === Name);
      if (taken) throw new AwsError('NamespaceAlreadyExists', `A namespace with the name ${Name} already exists`);
    },
    attributes: ({ id }, context) => ({
      Id: id,
      Arn: arn('servicediscovery', context, `namespace/${id}`),
      HostedZoneId: `Z${world.random.text(20).toUpperCase()}`,
    }),
    remove({ id }) {
      if ([...services.all.values()].some((one) => namespaceOf(one) === id))
        throw new AwsError('ResourceInUse', `Namespace has associated services`);
    },
    latency: latencies.namespace,
    wishes: actions(
      {
        create: [
          'servicediscovery:CreatePrivateDnsNamespace',
          'servicediscovery:GetOperation',
          'servicediscovery:TagResource',
          'route53:CreateHostedZone',
          'ec2:DescribeVpcs',
        ],
        update: ['servicediscovery:UpdatePrivateDnsNamespace', 'servicediscovery:GetOperation'],
        delete: ['servicediscovery:DeleteNamespace', 'servicediscovery:GetOperation', 'route53:DeleteHostedZone'],
      },
      (_, context, id) => (id ? arn('servicediscovery', context, `namespace/${id}`) : '*'),
    ),
  });

  const services: Keeper = keeper({
    id: () => `srv-${world.random.text(16)}`,
    check(properties, context, id) {
      const space = namespaceOf({ properties });
      if (!namespaces.all.has(space)) throw new AwsError('NamespaceNotFound', `Can not find namespace: ${space}`);
      const same = services
        .of(context)
        .some((one) => one.id !== id && namespaceOf(one) === space && one.properties.Name === properties.Name);
      if (same) throw new AwsError('ServiceAlreadyExists', `Service already exists: ${properties.Name}`);
    },
    attributes: ({ id, properties }, context) => ({
      Id: id,
      Arn: arn('servicediscovery', context, `service/${id}`),
      Name: properties.Name,
    }),
    remove({ id }) {
      // API Reference, `DeleteService`: "if the service still contains one or more registered instances, the request fails".
      if (instances.get(id)?.size)
        throw new AwsError(
          'ResourceInUse',
          `Service contains registered instances; delete the instances before deleting the service`,
        );
      instances.delete(id);
    },
    latency: latencies.small,
    wishes: actions(
      {
        create: ['servicediscovery:CreateService', 'servicediscovery:TagResource', 'servicediscovery:GetService'],
        update: ['servicediscovery:UpdateService', 'servicediscovery:GetOperation'],
        delete: ['servicediscovery:DeleteService', 'servicediscovery:GetService'],
      },
      (_, context, id) => arn('servicediscovery', context, `service/${id ?? '*'}`),
    ),
  });

  function serviceAt(id: string): Kept {
    const found = services.all.get(id);
    if (!found) throw new AwsError('ServiceNotFound', `Service not found: ${id}`);
    return found;
  }

  const idOf = (serviceArn: string) => serviceArn.split('/').at(-1) ?? '';

  return {
    id: 'servicediscovery',
    registerInstance(serviceArn, instanceId, attributes) {
      const { id } = serviceAt(idOf(serviceArn));
      const there = instances.get(id) ?? new Map<string, Record<string, string>>();
      instances.set(id, there.set(instanceId, attributes));
    },
    deregisterInstance(serviceArn, instanceId) {
      instances.get(idOf(serviceArn))?.delete(instanceId);
    },
    /** "Multivalue answer routing": those that are not unhealthy. */
    resolve(name) {
      for (const space of namespaces.all.values()) {
        const suffix = `.${space.properties.Name}`;
        if (!name.endsWith(suffix)) continue;
        const host = name.slice(0, -suffix.length);
        const service = [...services.all.values()].find(
          (one) => namespaceOf(one) === space.id && one.properties.Name === host,
        );
        return [...(instances.get(service?.id ?? '')?.values() ?? [])]
          .filter(({ AWS_INIT_HEALTH_STATUS }) => AWS_INIT_HEALTH_STATUS !== 'UNHEALTHY')
          .flatMap(({ AWS_INSTANCE_IPV4 }) => AWS_INSTANCE_IPV4 ?? []);
      }
      return undefined;
    },
    *tagged() {
      for (const { all } of [namespaces, services])
        for (const { attributes, tags } of all.values()) yield { arn: String(attributes.Arn), tags };
    },
    resources: {
      'AWS::ServiceDiscovery::PrivateDnsNamespace': namespaces.provider,
      'AWS::ServiceDiscovery::Service': services.provider,
    },
    operations: {
      ListNamespaces: (_input: unknown, call) => ({
        Namespaces: namespaces.of(call).map(({ id, attributes, properties }) => ({
          Id: id,
          Arn: attributes.Arn,
          Name: properties.Name,
          Type: 'DNS_PRIVATE',
        })),
      }),
      ListServices: (_input: unknown, call) => ({
        Services: services
          .of(call)
          .map(({ id, attributes, properties }) => ({ Id: id, Arn: attributes.Arn, Name: properties.Name })),
      }),
      ListInstances: ({ ServiceId }: { ServiceId: string }) => ({
        Instances: [...(instances.get(serviceAt(ServiceId).id) ?? [])].map(([Id, Attributes]) => ({ Id, Attributes })),
      }),
      DeregisterInstance({ ServiceId, InstanceId }: { ServiceId: string; InstanceId: string }) {
        serviceAt(ServiceId);
        instances.get(ServiceId)?.delete(InstanceId);
        return { OperationId: world.random.text(24) };
      },
      ListTagsForResource: ({ ResourceARN }: { ResourceARN: string }) => ({
        Tags: tagList(
          [...namespaces.all.values(), ...services.all.values()].find(
            ({ attributes }) => attributes.Arn === ResourceARN,
          )?.tags ?? {},
        ),
      }),
    },
  };
}

const namespaceOf = ({ properties }: Pick<Kept, 'properties'>): string =>
  properties.NamespaceId ?? properties.DnsConfig?.NamespaceId;
