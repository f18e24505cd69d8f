import { expect, jest, test } from '@jest/globals';
import { stackName } from '../../cdk/names.ts';
import { answerPauses } from '../../cdk/rollout/pauses.ts';
import { listResources } from '../../cdk/stacks/read.ts';
import { environmentOf, quiet } from '../conformance/tiny-app.ts';
import { graph, service } from '../support/graph.ts';
import { makeScriptedAws, type ScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const environment = environmentOf('production', 'production');
const tiny = graph({ application: 'tiny', services: [service('web')] });

async function afterACanary(): Promise<ScriptedAws> {
  const scripted = await makeScriptedAws();
  for (const version of ['one', 'two']) await scripted.deploy(tiny, version, { environment, repository: 'octo/tiny' });
  return scripted;
}

/** By logical id of the rule: the weights in the order of the template. */
async function weights({ clients }: ScriptedAws): Promise<Record<string, number[]>> {
  const resources = await listResources(clients, stackName(environment));
  const balancers = await clients.balancers();
  const idOf = (logicalId: string) => resources.find((one) => one.logicalId === logicalId)?.physicalId;
  const found: Record<string, number[]> = {};
  for (const { logicalId, type, physicalId } of resources) {
    if (type !== 'AWS::ElasticLoadBalancingV2::ListenerRule') continue;
    const { Rules = [] } = await balancers.describeRules({ RuleArns: [physicalId!] });
    const groups = Rules[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups ?? [];
    found[logicalId] = ['TargetGroup', 'TargetGroupB'].map(
      (id) => groups.find(({ TargetGroupArn }) => TargetGroupArn === idOf(id))?.Weight ?? 0,
    );
  }
  return found;
}

test('a canary leaves the requests with the other group', async () => {
  await using scripted = await afterACanary();
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
  expect(await scripted.target.cloud!.drift(environment, quiet)).toEqual([]);
});

test('what was changed by hand is brought back after a canary, and requests go where they went', async () => {
  await using scripted = await afterACanary();
  const { cloud } = scripted.target;
  const logs = await scripted.clients.logs();
  const { logGroups = [] } = await logs.describeLogGroups({});
  const logGroupName = logGroups.find((one) => one.logGroupName?.includes('production'))!.logGroupName!;
  await logs.putRetentionPolicy({ logGroupName, retentionInDays: 1 });
  expect(await cloud!.revert(environment, quiet)).toMatchObject([{ differences: [{ property: 'RetentionInDays' }] }]);
  expect(await cloud!.drift(environment, quiet)).toEqual([]);
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
});

test('weights that lead to tasks that are gone are drift, and repaired', async () => {
  await using scripted = await afterACanary();
  const { cloud } = scripted.target;
  await lead(scripted, 'Rule', [100, 0]);
  expect(await cloud!.drift(environment, quiet)).toMatchObject([{ resource: expect.stringMatching(/ Rule$/) }]);
  expect(await cloud!.revert(environment, quiet)).toHaveLength(1);
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
  await lead(scripted, 'Rule', [100, 0]);
  expect(await cloud!.repair(environment, quiet)).toMatchObject([
    { wrong: 'requests were led to tasks that are gone' },
  ]);
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
});

test('a service that is deployed anew to bring it back is let on at each pause', async () => {
  await using scripted = await afterACanary();
  const { cloud } = scripted.target;
  const service = await onlyService(scripted);
  const ecs = await scripted.clients.ecs();
  const { awsvpcConfiguration } = service.networkConfiguration!;
  await ecs.updateService({
    cluster: service.clusterArn!,
    service: service.serviceArn!,
    networkConfiguration: { awsvpcConfiguration: { ...awsvpcConfiguration!, assignPublicIp: 'ENABLED' } },
  });
  while (
    (await onlyService(scripted)).deployments!.length > 1 ||
    (await onlyService(scripted)).deployments![0]!.rolloutState !== 'COMPLETED'
  )
    await answerPauses(scripted.clients, stackName(environment), 'CONTINUE');
  expect(await weights(scripted)).toEqual({ Rule: [100, 0], CanaryRule: [100, 0] });
  expect(await cloud!.revert(environment, quiet)).toHaveLength(1);
  expect((await onlyService(scripted)).networkConfiguration!.awsvpcConfiguration!.assignPublicIp).toBe('DISABLED');
  expect(await cloud!.drift(environment, quiet)).toEqual([]);
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
});

test('a rule that changes after a canary goes on leading requests to what runs', async () => {
  await using scripted = await afterACanary();
  const seen: unknown[] = [];
  const verify = async () => void seen.push((await weights(scripted)).Rule);
  // Tags go to everything in the stack.
  const options = { environment, repository: 'Octo/Tiny' };
  await scripted.deploy(tiny, 'two', options);
  expect(await weights(scripted)).toEqual({ Rule: [0, 100], CanaryRule: [0, 100] });
  await scripted.deploy(tiny, 'three', { ...options, verify });
  expect(seen).toEqual(
    [
      [0, 100],
      [10, 90],
      [100, 0],
    ].slice(0, seen.length),
  );
  expect(await weights(scripted)).toEqual({ Rule: [100, 0], CanaryRule: [100, 0] });
  expect(await scripted.target.cloud!.drift(environment, quiet)).toEqual([]);
});

test('a rule that changes with a release that is refused leads requests to the former one', async () => {
  await using scripted = await afterACanary();
  const wrong = new Error('it is not what it should be');
  const verify = () => Promise.reject(wrong);
  await expect(scripted.deploy(tiny, 'three', { environment, repository: 'Octo/Tiny', verify })).rejects.toBe(wrong);
  expect((await weights(scripted)).Rule).toEqual([0, 100]);
});

async function onlyService({ clients }: ScriptedAws) {
  const resources = await listResources(clients, stackName(environment));
  const arn = resources.find(({ type }) => type === 'AWS::ECS::Service')!.physicalId!;
  const ecs = await clients.ecs();
  const { services = [] } = await ecs.describeServices({ cluster: arn.split('/')[1]!, services: [arn] });
  return services[0]!;
}

async function lead({ clients }: ScriptedAws, rule: string, [first, second]: [number, number]): Promise<void> {
  const resources = await listResources(clients, stackName(environment));
  const arnOf = (logicalId: string) => resources.find((one) => one.logicalId === logicalId)!.physicalId!;
  const balancers = await clients.balancers();
  const TargetGroups = [
    { TargetGroupArn: arnOf('TargetGroup'), Weight: first },
    { TargetGroupArn: arnOf('TargetGroupB'), Weight: second },
  ];
  await balancers.modifyRule({ RuleArn: arnOf(rule), Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups } }] });
}
