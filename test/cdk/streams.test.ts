import { expect, jest, test } from '@jest/globals';
import { warnOfStreams } from '../../cdk/apply/streams.ts';
import { environmentOf, quiet } from '../conformance/tiny-app.ts';
import { endpoint, graph, service } from '../support/graph.ts';
import { makeScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const streams = [true, false].map((exposed) =>
  endpoint(exposed ? 'chat' : 'inner', { kind: 'stream', methods: ['GET'], exposed }),
);
const application = graph({ application: 'tiny', services: [service('web', { endpoints: streams })] });

test('who deploys streams that nobody outside can open is told so', async () => {
  await using aws = await makeScriptedAws();
  const said: string[] = [];
  const report = { ...quiet, warn: (message: string) => said.push(message) };
  await aws.deploy(application, 'one', { environment: environmentOf('pr-7'), report });
  expect(said).toEqual([expect.stringMatching(/the streams web\.chat: API Gateway has no WebSockets/)]);
});

test.each([
  ['with a domain', application, { domain: { name: 'shop.example', hostedZone: 'Z1' } }],
  ['without streams', graph({ application: 'tiny', services: [service('web')] }), {}],
])('%s there is nothing to tell', (_, sources, settings) => {
  const warn = jest.fn();
  warnOfStreams(sources, settings, { warn });
  expect(warn).not.toHaveBeenCalled();
});
