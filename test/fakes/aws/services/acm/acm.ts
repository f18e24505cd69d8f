import { createHash } from 'node:crypto';
import { AwsError, type Properties, type Service, type Wish, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import { actions, arn, type Keeper, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { changeContext, type Route53 } from '../route53/route53.ts';

/** AWS Certificate Manager: certificates that are issued once the records that prove the domain are there. */
export function createAcm(world: World): Service {
  const zones = () => world.service<Route53>('route53');

  const own = actions({
    create: ['acm:RequestCertificate', 'acm:DescribeCertificate', 'acm:AddTagsToCertificate'],
    update: ['acm:UpdateCertificateOptions', 'acm:DescribeCertificate', 'acm:AddTagsToCertificate'],
    delete: ['acm:DeleteCertificate', 'acm:DescribeCertificate'],
  });

  const certificates: Keeper = keeper({
    id: (_properties, context) => arn('acm', context, `certificate/${uuid(world.random)}`),
    attributes: ({ id }) => ({ Id: id, CertificateArn: id }),
    async made({ id, properties }, context) {
      context.initiated?.(id);
      const proofs = proofsOf(properties);
      // Template reference, `DomainValidationOption`: with the zone, CloudFormation puts the records there itself.
      for (const proof of proofs) {
        const zone = zoneFor(properties, proof);
        if (zone)
          zones().upsert(zone, {
            Name: proof,
            Type: 'CNAME',
            TTL: 300,
            ResourceRecords: [`_${digest(proof)}.acm-validations.aws.`],
          });
      }
      await issued(proofs, context.signal);
    },
    latency: latencies.certificate,
    wishes: (verb, properties, context, id) => [
      ...own(verb, properties, context, id),
      ...(verb === 'create' ? proofsOf(properties).flatMap((proof) => recordWish(properties, proof)) : []),
    ],
  });

  /** User Guide, "Troubleshoot DNS validation": without the record it stays pending for 72 hours, and fails then. */
  async function issued(proofs: string[], signal: AbortSignal): Promise<void> {
    for (const end = world.clock.now() + 72 * 3_600_000; proofs.some((proof) => !zones().find(proof, 'CNAME')); ) {
      if (signal.aborted || world.clock.now() >= end)
        throw new AwsError(
          'NotStabilized',
          "Resource of type 'AWS::CertificateManager::Certificate' did not stabilize.",
        );
      await world.clock.sleep(60_000);
    }
  }

  return {
    id: 'acm',
    tagged: () => [...certificates.all.values()].map(({ id, tags }) => ({ arn: id, tags })),
    resources: { 'AWS::CertificateManager::Certificate': certificates.provider },
    operations: {},
  };
}

/** "DNS validation": a name and its wildcard have the same record. */
function proofsOf({ DomainName, SubjectAlternativeNames = [] }: Properties): string[] {
  const names: string[] = [DomainName, ...SubjectAlternativeNames];
  return [...new Set(names.map((name) => `_${digest(name)}.${name.replace(/^\*\./, '')}`))];
}

function recordWish(properties: Properties, proof: string): Wish[] {
  const zone = zoneFor(properties, proof);
  if (zone === undefined) return [];
  const resource = `arn:aws:route53:::hostedzone/${zone}`;
  return [{ action: 'route53:ChangeResourceRecordSets', resource, context: changeContext('UPSERT', proof, 'CNAME') }];
}

function zoneFor({ DomainValidationOptions = [] }: Properties, proof: string): string | undefined {
  const option = DomainValidationOptions.find(({ DomainName }: { DomainName: string }) =>
    proof.endsWith(`.${DomainName.replace(/^\*\./, '')}`),
  );
  return option?.HostedZoneId;
}

/** Of the domain without its wildcard. */
const digest = (name: string) => createHash('md5').update(name.replace(/^\*\./, '')).digest('hex');
