import { CloudFormationClient, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { applyStack } from '../../../github/bootstrap/aws/apply.ts';
import { trustTemplate } from '../../../github/bootstrap/aws/template.ts';
import { type Moto, moto, startMoto } from '../../support/moto.ts';
import { shop } from './support/claims.ts';

const report = { step: <T>(_: string, work: () => Promise<T>) => work(), info: () => {}, warn: () => {} };
const request = {
  name: 'fairlead-github-acme-shop',
  template: trustTemplate({ repository: shop, images: ['shop'], forks: false }),
  existingProvider: false,
};

(moto ? describe : describe.skip)('against the interfaces of AWS (needs moto)', () => {
  let server: Moto;
  beforeAll(async () => {
    server = await startMoto(moto!);
  });
  afterAll(() => server.stop());
  const config = () => ({
    region: 'eu-west-1',
    endpoint: server.endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });

  test('the stack is made, and brought to another template', async () => {
    const made = await applyStack(request, config(), report);
    expect(made).toMatchObject({
      kind: 'created',
      outputs: {
        PreviewRoleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
        ProductionRoleArn: expect.stringMatching(/^arn:aws:iam::\d{12}:role\//),
      },
    });
    const template = trustTemplate({ repository: shop, images: ['blog', 'shop'], forks: true });
    const updated = await applyStack({ ...request, template }, config(), report);
    expect(updated.kind).toBe('updated');
    expect(Object.keys(updated.outputs).sort()).toEqual(['PreviewForkRoleArn', 'PreviewRoleArn', 'ProductionRoleArn']);

    const client = new CloudFormationClient(config());
    const { TemplateBody } = await client.send(new GetTemplateCommand({ StackName: request.name }));
    expect(JSON.parse(TemplateBody ?? '')).toEqual(template);
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: request.name }));
    expect(Stacks?.[0]?.Parameters).toEqual([{ ParameterKey: 'CreateProvider', ParameterValue: 'true' }]);
    client.destroy();
  });
});

/** A server that answers each call of CloudFormation as told. */
function answering(answers: Record<string, (() => { status: number; body: string }) | undefined>) {
  const calls: string[] = [];
  const requestHandler = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle({ body }: { body: string }) {
      const action = new URLSearchParams(body).get('Action') ?? '';
      calls.push(action);
      const { status, body: text } = answers[action]?.() ?? { status: 500, body: '' };
      return {
        response: { statusCode: status, headers: { 'content-type': 'text/xml' }, body: Buffer.from(text) },
      };
    },
    destroy: () => {},
    updateHttpClientConfig: () => {},
    httpHandlerConfigs: () => ({}),
  };
  const config = {
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    requestHandler: requestHandler as never,
  };
  return { calls, config };
}

const error = (code: string, message: string, status = 400) => ({
  status,
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
});
const result = (action: string, inner: string) => ({
  status: 200,
  body: `<${action}Response><${action}Result>${inner}</${action}Result></${action}Response>`,
});
const stack = (status: string) => () =>
  result(
    'DescribeStacks',
    `<Stacks><member><StackName>x</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${status}</StackStatus></member></Stacks>`,
  );

test('nothing to update is no failure', async () => {
  const { config } = answering({
    DescribeStacks: stack('UPDATE_COMPLETE'),
    UpdateStack: () => error('ValidationError', 'No updates are to be performed.'),
  });
  expect(await applyStack(request, config, report)).toMatchObject({ kind: 'unchanged' });
});

test('what CloudFormation says of a failure is passed on, with the way out', async () => {
  let asked = 0;
  const { config } = answering({
    DescribeStacks: () =>
      asked++ === 0
        ? error('ValidationError', 'Stack with id fairlead-github-acme-shop does not exist')
        : stack('ROLLBACK_COMPLETE')(),
    CreateStack: () => result('CreateStack', '<StackId>x</StackId>'),
    DescribeStackEvents: () =>
      result(
        'DescribeStackEvents',
        '<StackEvents><member><StackId>x</StackId><EventId>1</EventId><StackName>x</StackName><LogicalResourceId>Provider</LogicalResourceId>' +
          '<ResourceStatus>CREATE_FAILED</ResourceStatus><ResourceStatusReason>Provider with url already exists.</ResourceStatusReason>' +
          '<Timestamp>2099-01-01T00:00:00Z</Timestamp></member></StackEvents>',
      ),
  });
  await expect(applyStack(request, config, report)).rejects.toMatchObject({
    diagnostics: [
      {
        code: 'FL6309',
        message: expect.stringContaining('Provider: Provider with url already exists.'),
        help: expect.stringContaining('--existing-provider'),
      },
    ],
  });
});

test('a stack that was never made is removed first', async () => {
  let removed = false;
  const { calls, config } = answering({
    DescribeStacks: () => {
      if (calls.includes('CreateStack')) return stack('CREATE_COMPLETE')();
      return removed ? error('ValidationError', 'Stack x does not exist') : stack('ROLLBACK_COMPLETE')();
    },
    DeleteStack: () => {
      removed = true;
      return result('DeleteStack', '');
    },
    CreateStack: () => result('CreateStack', '<StackId>x</StackId>'),
  });
  expect(await applyStack(request, config, report)).toMatchObject({ kind: 'created' });
  expect(calls.indexOf('DeleteStack')).toBeLessThan(calls.indexOf('CreateStack'));
});

test.each(['AccessDenied', 'ExpiredToken', 'InvalidClientTokenId'])('%s is FL6308', async (code) => {
  const { config } = answering({ DescribeStacks: () => error(code, 'no', 403) });
  await expect(applyStack(request, config, report)).rejects.toThrow('FL6308');
});
