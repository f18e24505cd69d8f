import type { CfnVpcLink } from 'aws-cdk-lib/aws-apigatewayv2';
import type { CfnListener, CfnLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type Draft, mean } from '../draft.ts';
import { acm, apigateway, elb, route53 } from '../library.ts';
import type { FoundationInput } from '../model.ts';
import { logicalId, physicalName } from '../names.ts';
import { canaryHostName, hostName } from './hosts.ts';
import type { Network } from './network.ts';
import type { SecurityGroups } from './security-groups.ts';

export interface FrontDoor {
  loadBalancer: CfnLoadBalancer;
  listener: CfnListener;
  link?: CfnVpcLink;
}

/**
 * With a domain: open to the internet, by HTTPS only. Without: within the network, and reached by API Gateway through a link, which
 * has HTTPS of its own. A request that belongs to no environment is answered 404.
 */
export function loadBalancer(
  draft: Draft,
  input: FoundationInput,
  { publicSubnets, taskSubnets }: Network,
  groups: SecurityGroups,
): FrontDoor {
  const { scope } = draft;
  const { class: type, settings } = input;
  const { foundation, domain } = settings;
  const balancer = mean(
    draft,
    new elb.CfnLoadBalancer(scope, 'LoadBalancer', {
      name: physicalName('loadBalancer', foundation, type),
      type: 'application',
      scheme: domain ? 'internet-facing' : 'internal',
      subnets: domain ? publicSubnets : taskSubnets,
      securityGroups: [groups.loadBalancer],
      loadBalancerAttributes: [
        { key: 'idle_timeout.timeout_seconds', value: '120' },
        { key: 'routing.http.drop_invalid_header_fields.enabled', value: 'true' },
        { key: 'deletion_protection.enabled', value: String(type === 'production') },
      ],
    }),
    { subject: 'load balancer' },
  );
  const certificate = domain && certificateOf(draft, input, domain);
  const listener = mean(
    draft,
    new elb.CfnListener(scope, 'Listener', {
      loadBalancerArn: balancer.ref,
      ...(certificate
        ? {
            port: 443,
            protocol: 'HTTPS',
            certificates: [{ certificateArn: certificate.ref }],
            sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          }
        : { port: 80, protocol: 'HTTP' }),
      defaultActions: [
        {
          type: 'fixed-response',
          fixedResponseConfig: { statusCode: '404', contentType: 'text/plain', messageBody: 'No such environment.' },
        },
      ],
    }),
    { subject: 'load balancer' },
  );
  if (domain) {
    for (const name of namesOf(input, domain.name)) {
      mean(
        draft,
        new route53.CfnRecordSet(scope, logicalId('Record', name), {
          hostedZoneId: domain.hostedZone,
          name,
          type: 'A',
          aliasTarget: { dnsName: balancer.attrDnsName, hostedZoneId: balancer.attrCanonicalHostedZoneId },
        }),
        { subject: `address ${name}` },
      );
    }
  }
  if (groups.link === undefined) return { loadBalancer: balancer, listener };
  const link = mean(
    draft,
    new apigateway.CfnVpcLink(scope, 'Link', {
      name: physicalName('vpcLink', foundation, type),
      subnetIds: taskSubnets,
      securityGroupIds: [groups.link],
    }),
    { subject: 'link from API Gateway into the network' },
  );
  return { loadBalancer: balancer, listener, link };
}

function certificateOf(
  draft: Draft,
  { class: type }: FoundationInput,
  { name, hostedZone }: { name: string; hostedZone: string },
) {
  const domainName = type === 'production' ? name : `*.${name}`;
  return mean(
    draft,
    new acm.CfnCertificate(draft.scope, 'Certificate', {
      domainName,
      ...(type === 'production' && { subjectAlternativeNames: [`*.${name}`] }),
      validationMethod: 'DNS',
      domainValidationOptions: [{ domainName, hostedZoneId: hostedZone }],
    }),
    { subject: `certificate of ${name}` },
  );
}

/** Each class has a load balancer of its own: previews get all names that no other environment has. */
function namesOf({ class: type, needs, settings: { foundation } }: FoundationInput, domain: string): string[] {
  if (type === 'preview') return [`*.${domain}`];
  const names = Object.keys(needs).flatMap((key) => {
    const at = key.lastIndexOf('/');
    const guest = { foundation, application: key.slice(0, at), environment: key.slice(at + 1) };
    return [hostName(domain, guest), ...(type === 'production' ? [canaryHostName(domain, guest)] : [])];
  });
  return [...new Set(names)].sort();
}
