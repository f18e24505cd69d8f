import { AwsError, type Call, type Properties, type ResourceProvider, type Service, type World } from '../../model.ts';
import type { ElasticLoadBalancing } from '../elasticloadbalancing/elasticloadbalancing.ts';
import { type Keeper, type Kept, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';

interface RecordSet {
  Name: string;
  Type: string;
  TTL?: number;
  ResourceRecords?: string[];
  AliasTarget?: { DNSName: string; HostedZoneId: string };
}

/** Amazon Route 53: zones and their records. */
export interface Route53 extends Service {
  /** A zone that was there before any stack. Answers its id. */
  addZone(call: Pick<Call, 'account'>, name: string): string;
  records(zoneId: string): RecordSet[];
  /** Adds or replaces, as a service of AWS does that may, such as ACM by way of CloudFormation. */
  upsert(zoneId: string, record: RecordSet): void;
  find(name: string, type: string): RecordSet | undefined;
  /** Where a name leads on this machine: `http://127.0.0.1:PORT` of the load balancer that it is an alias of. */
  addressOf(name: string): string | undefined;
}

/** Developer Guide, "Using IAM policy conditions for fine-grained access control". */
export function changeContext(action: string, name: string, type: string): Record<string, string> {
  const plain = name.toLowerCase().replace(/\.$/, '');
  const octal = (character: string) => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
  return {
    'route53:ChangeResourceRecordSetsNormalizedRecordNames': plain.replace(/[^a-z0-9_.-]/g, octal),
    'route53:ChangeResourceRecordSetsRecordTypes': type,
    'route53:ChangeResourceRecordSetsActions': action,
  };
}

export function createRoute53(world: World): Route53 {
  const records = new Map<string, RecordSet[]>();
  const zoneId = () => `Z${world.random.text(19, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
  const dotted = (name: string) => (name.endsWith('.') ? name : `${name}.`).toLowerCase();

  const zones: Keeper = keeper({
    id: zoneId,
    attributes: ({ id }) => ({ Id: id, NameServers: [1, 2, 3, 4].map((index) => `ns-${index}.awsdns-0${index}.org`) }),
    made: ({ id }) => void records.set(id, []),
    remove({ id }) {
      if (records.get(id)?.length)
        throw new AwsError(
          'HostedZoneNotEmpty',
          'The specified hosted zone contains non-required resource record sets and so cannot be deleted.',
        );
      records.delete(id);
    },
    latency: latencies.records,
    wishes: (verb) => {
      const own = {
        create: ['route53:CreateHostedZone'],
        update: ['route53:UpdateHostedZoneComment'],
        delete: ['route53:DeleteHostedZone'],
      };
      return own[verb].map((action) => ({ action, resource: '*' }));
    },
  });

  function inZone(id: string): RecordSet[] {
    const own = records.get(id.replace('/hostedzone/', ''));
    if (!own) throw new AwsError('NoSuchHostedZone', `No hosted zone found with ID: ${id}`, 404);
    return own;
  }

  function change(id: string, action: string, record: RecordSet): void {
    const own = inZone(id);
    const zone = zones.all.get(id.replace('/hostedzone/', ''));
    const name = dotted(record.Name);
    const invalid = (message: string) => new AwsError('InvalidChangeBatch', `[${message}]`);
    if (name !== dotted(zone?.properties.Name) && !name.endsWith(`.${dotted(zone?.properties.Name)}`))
      throw invalid(`RRSet with DNS name ${name} is not permitted in zone ${zone?.properties.Name}`);
    const at = own.findIndex((one) => dotted(one.Name) === name && one.Type === record.Type);
    if (action === 'CREATE' && at >= 0)
      throw invalid(
        `Tried to create resource record set [name='${name}', type='${record.Type}'] but it already exists`,
      );
    if (action === 'DELETE' && at < 0)
      throw invalid(`Tried to delete resource record set [name='${name}', type='${record.Type}'] but it was not found`);
    if (at >= 0) own.splice(at, 1);
    if (action !== 'DELETE') own.push({ ...record, Name: name });
  }

  function zoneOf({ HostedZoneId, HostedZoneName }: Properties): string {
    if (HostedZoneId) return HostedZoneId;
    const found = [...zones.all.values()].find(({ properties }) => dotted(properties.Name) === dotted(HostedZoneName));
    if (!found) throw new AwsError('NoSuchHostedZone', `No hosted zones named ${HostedZoneName} found`, 404);
    return found.id;
  }

  const recordOf = ({ Name, Type, TTL, ResourceRecords, AliasTarget }: Properties): RecordSet => ({
    Name,
    Type,
    ...(TTL !== undefined && { TTL: Number(TTL) }),
    ...(ResourceRecords && { ResourceRecords }),
    ...(AliasTarget && { AliasTarget }),
  });

  /** `Ref` is the domain name, which records of several types share. */
  const recordProvider: ResourceProvider = {
    async create(properties) {
      change(zoneOf(properties), 'CREATE', recordOf(properties));
      return { id: properties.Name };
    },
    async update(id, properties) {
      change(zoneOf(properties), 'UPSERT', recordOf(properties));
      return { id };
    },
    async delete(_id, properties) {
      const { Name, Type } = properties;
      const own = records.get(String(properties.HostedZoneId ?? zoneOf(properties)));
      if (own?.some((one) => dotted(one.Name) === dotted(Name) && one.Type === Type))
        change(zoneOf(properties), 'DELETE', recordOf(properties));
    },
    async read(id) {
      const found = [...records.values()].flat().find((one) => dotted(one.Name) === dotted(id));
      return found && { ...found, Name: id };
    },
    latency: latencies.records,
    wishes(verb, properties) {
      const resource = `arn:aws:route53:::hostedzone/${properties.HostedZoneId ?? '*'}`;
      const actionOf = { create: 'CREATE', update: 'UPSERT', delete: 'DELETE' };
      return [
        {
          action: 'route53:ChangeResourceRecordSets',
          resource,
          context: changeContext(actionOf[verb], properties.Name, properties.Type),
        },
        { action: 'route53:ListResourceRecordSets', resource },
      ];
    },
  };

  const zoneView = ({ id, properties }: Kept) => ({
    Id: `/hostedzone/${id}`,
    Name: dotted(properties.Name),
    CallerReference: id,
    Config: { PrivateZone: Boolean(properties.VPCs?.length) },
    ResourceRecordSetCount: (records.get(id)?.length ?? 0) + 2,
  });

  const byName = (call: Pick<Call, 'account'>) =>
    [...zones.all.values()]
      .filter(({ account }) => account === call.account)
      .sort((a, b) => (reversed(a.properties.Name) < reversed(b.properties.Name) ? -1 : 1));

  const reversed = (name: string) => dotted(name).split('.').reverse().join('.');

  const service: Route53 = {
    id: 'route53',
    addZone({ account }, name) {
      const id = zoneId();
      zones.all.set(id, {
        id,
        account,
        region: world.region,
        properties: { Name: dotted(name) },
        attributes: {},
        tags: {},
      });
      records.set(id, []);
      return id;
    },
    records: (id) => inZone(id),
    upsert: (id, record) => change(id, 'UPSERT', record),
    find: (name, type) =>
      [...records.values()].flat().find((one) => dotted(one.Name) === dotted(name) && one.Type === type),
    addressOf(name) {
      const wildcard = name.replace(/^[^.]+/, '*');
      const found = service.find(name, 'A') ?? service.find(wildcard, 'A');
      const target = found?.AliasTarget?.DNSName.replace(/^dualstack\./, '').replace(/\.$/, '');
      return target && world.service<ElasticLoadBalancing>('elasticloadbalancing').addressOfName(target);
    },
    resources: { 'AWS::Route53::HostedZone': zones.provider, 'AWS::Route53::RecordSet': recordProvider },
    operations: {
      ListHostedZones: (_input: unknown, call) => ({
        HostedZones: byName(call).map(zoneView),
        IsTruncated: false,
        MaxItems: 100,
      }),
      ListHostedZonesByName: ({ DNSName }: { DNSName?: string }, call) => ({
        HostedZones: byName(call)
          .filter(({ properties }) => !DNSName || reversed(properties.Name) >= reversed(DNSName))
          .map(zoneView),
        IsTruncated: false,
        MaxItems: 100,
      }),
      ListResourceRecordSets: ({ HostedZoneId }: { HostedZoneId: string }) => ({
        ResourceRecordSets: inZone(HostedZoneId).map(({ ResourceRecords, ...record }) => ({
          ...record,
          ...(ResourceRecords && { ResourceRecords: ResourceRecords.map((Value) => ({ Value })) }),
        })),
        IsTruncated: false,
        MaxItems: 300,
      }),
    },
  };
  return service;
}
