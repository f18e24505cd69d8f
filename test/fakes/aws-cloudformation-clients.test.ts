import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  paginateDescribeStackEvents,
  UpdateStackCommand,
  waitUntilChangeSetCreateComplete,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
  waitUntilStackUpdateComplete,
} from '@aws-sdk/client-cloudformation';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type FakeAws, makeFakeAws } from './aws/fake.ts';
import { queues } from './aws-cloudformation/cloud.ts';

let aws: FakeAws;
let client: CloudFormationClient;
beforeEach(async () => {
  aws = await makeFakeAws();
  const {
    AWS_ACCESS_KEY_ID: accessKeyId = '',
    AWS_SECRET_ACCESS_KEY: secretAccessKey = '',
    AWS_REGION: region = '',
  } = aws.env;
  client = new CloudFormationClient({ endpoint: aws.url, region, credentials: { accessKeyId, secretAccessKey } });
});
afterEach(async () => {
  client.destroy();
  await aws.dispose();
});

const waiting = () => ({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 });
const dashboards = (...ids: string[]) => ({
  Resources: Object.fromEntries(
    ids.map((id) => [id, { Type: 'AWS::CloudWatch::Dashboard', Properties: { DashboardBody: id } }]),
  ),
});

describe('The SDK', () => {
  test('makes, changes and deletes a stack, and waits for each', async () => {
    const StackName = 'shop';
    await client.send(
      new CreateStackCommand({
        StackName,
        TemplateBody: JSON.stringify(dashboards('A')),
        Tags: [{ Key: 'app', Value: 'shop' }],
      }),
    );
    await waitUntilStackCreateComplete(waiting(), { StackName });
    const { Id } = await client.send(
      new CreateChangeSetCommand({
        StackName,
        ChangeSetName: 'next',
        TemplateBody: JSON.stringify(dashboards('A', 'B')),
        DeploymentConfig: { Mode: 'EXPRESS' },
      }),
    );
    await waitUntilChangeSetCreateComplete(waiting(), { ChangeSetName: Id });
    const { Changes, DeploymentConfig, CreationTime } = await client.send(
      new DescribeChangeSetCommand({ ChangeSetName: Id, IncludePropertyValues: true }),
    );
    expect(CreationTime).toBeInstanceOf(Date);
    expect(DeploymentConfig).toEqual({ Mode: 'EXPRESS' });
    expect(Changes).toMatchObject([{ Type: 'Resource', ResourceChange: { Action: 'Add', LogicalResourceId: 'B' } }]);
    await client.send(new ExecuteChangeSetCommand({ ChangeSetName: Id }));
    await waitUntilStackUpdateComplete(waiting(), { StackName });
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    expect(Stacks?.[0]?.Tags).toEqual([{ Key: 'app', Value: 'shop' }]);
    const events = [];
    for await (const page of paginateDescribeStackEvents({ client }, { StackName }))
      events.push(...(page.StackEvents ?? []));
    expect(events[0]).toMatchObject({ ResourceStatus: 'UPDATE_COMPLETE', LogicalResourceId: 'shop' });
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete(waiting(), { StackName: Stacks?.[0]?.StackId });
  });

  test('is told what is wrong as AWS tells it', async () => {
    const none = client.send(new DescribeStacksCommand({ StackName: 'none' }));
    await expect(none).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id none does not exist',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(client.send(new DescribeStackEventsCommand({ StackName: 'none' }))).rejects.toThrow('does not exist');
    const update = client.send(
      new UpdateStackCommand({ StackName: 'none', TemplateBody: JSON.stringify(queues('A')) }),
    );
    await expect(update).rejects.toThrow('Stack [none] does not exist');
    const change = client.send(new DescribeChangeSetCommand({ StackName: 'none', ChangeSetName: 'x' }));
    await expect(change).rejects.toThrow('Stack [none] does not exist');
    const named = {
      Resources: { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } } },
    };
    const create = client.send(new CreateStackCommand({ StackName: 'shop', TemplateBody: JSON.stringify(named) }));
    await expect(create).rejects.toMatchObject({ name: 'InsufficientCapabilitiesException' });
  });
});
