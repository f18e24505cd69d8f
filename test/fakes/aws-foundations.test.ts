import { readdirSync, readFileSync } from 'node:fs';
import {
  CloudFormation,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from '@aws-sdk/client-cloudformation';
import { expect, test } from '@jest/globals';
import { makeFakeAws } from './aws/fake.ts';
import type { Ec2 } from './aws/services/ec2/ec2.ts';
import type { Route53 } from './aws/services/route53/route53.ts';

const golden = new URL('../cdk/golden/', import.meta.url);

interface Written {
  Resources: Record<string, { Type: string; Properties?: Record<string, unknown>; DeletionPolicy?: string }>;
}

/** Without what keeps data, so that the stack can go again. */
function mortal(text: string): Written {
  const { template } = JSON.parse(text) as { template: Written };
  for (const resource of Object.values(template.Resources)) {
    resource.DeletionPolicy = 'Delete';
    if (resource.Properties && 'DeletionProtection' in resource.Properties)
      resource.Properties.DeletionProtection = false;
    const attributes = resource.Properties?.LoadBalancerAttributes as { Key: string; Value: string }[] | undefined;
    for (const one of attributes ?? []) if (one.Key === 'deletion_protection.enabled') one.Value = 'false';
  }
  return template;
}

test.each(readdirSync(golden))('the Foundation of %s comes up, and leaves nothing', async (name) => {
  await using aws = await makeFakeAws();
  const credentials = { accessKeyId: aws.env.AWS_ACCESS_KEY_ID!, secretAccessKey: aws.env.AWS_SECRET_ACCESS_KEY! };
  const client = new CloudFormation({ endpoint: aws.url, region: 'eu-central-1', credentials });
  const template = mortal(readFileSync(new URL(`${name}/foundation.json`, golden), 'utf8'));
  const route53 = aws.world.service<Route53>('route53');
  let body = JSON.stringify(template);
  const zone = /"HostedZoneId":"(Z[A-Z0-9]+)"/.exec(body)?.[1];
  if (zone) body = body.replaceAll(zone, route53.addZone({ account: '123456789012' }, 'everything.example'));
  const StackName = 'foundation';
  const Capabilities = ['CAPABILITY_NAMED_IAM' as const];
  const wait = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  await client.createStack({ StackName, TemplateBody: body, Capabilities });
  await waitUntilStackCreateComplete(wait, { StackName }).catch(() => undefined);
  const { StackEvents } = await client.describeStackEvents({ StackName });
  const failed = StackEvents!.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('FAILED'));
  expect(failed.map((one) => `${one.LogicalResourceId}: ${one.ResourceStatusReason}`)).toEqual([]);
  const { StackResources } = await client.describeStackResources({ StackName });
  expect(StackResources).toHaveLength(Object.keys(template.Resources).length);
  await client.deleteStack({ StackName });
  await waitUntilStackDeleteComplete(wait, { StackName });
  expect(aws.world.service<Ec2>('ec2').interfaces.all.size).toBe(0);
  expect([...aws.world.services.values()].flatMap((one) => [...(one.tagged?.() ?? [])])).toEqual([]);
});
