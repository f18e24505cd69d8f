import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { drive } from '../../bench/aws/drive.ts';
import { fullSettings, synthesizeFullStack } from '../../bench/aws/full-stack.ts';
import { inputOf } from '../cdk/support/input.ts';
import { releaseOf, shopGraph } from '../cdk/support/stories.ts';
import { VirtualClock } from '../fakes/aws/clock.ts';

test('a clock that stands still is moved to the end of the work, and no further than its steps', async () => {
  const clock = new VirtualClock('manual', 0);
  const read = async () => {
    for (let time = 0; time < 50; time++) await readFile(import.meta.filename);
  };
  const { result, milliseconds } = await drive(clock, async () => {
    await Promise.all([clock.sleep(3000), clock.sleep(10_000).then(read)]);
    await clock.sleep(500);
    return 'done';
  });
  expect(result).toBe('done');
  expect(milliseconds).toBeGreaterThanOrEqual(10_500);
  expect(milliseconds).toBeLessThanOrEqual(11_000);
});

test('what the work throws is thrown', async () => {
  const failing = drive(new VirtualClock('manual', 0), () => Promise.reject(new Error('no')));
  await expect(failing).rejects.toThrow('no');
});

test('a full stack has everything in one, and refers to nothing outside', async () => {
  const { app, plan } = inputOf({ release: releaseOf(await shopGraph()), environment: 'pr-1' });
  const { foundation: _, ...input } = app;
  const { template } = synthesizeFullStack({ ...input, settings: fullSettings(plan) });
  const types = Object.values(template.Resources).map(({ Type }) => Type);
  for (const type of ['VPC', 'NatGateway'].map((one) => `AWS::EC2::${one}`)) expect(types).toContain(type);
  expect(types.filter((type) => /DBInstance|LoadBalancer$|ECS::(Cluster|Service)$/.test(type))).toHaveLength(4);
  const text = JSON.stringify(template);
  expect(text).not.toMatch(/\{\{\d+\}\}/);
  const named = [...text.matchAll(/"Ref":"([^":]+)"|"Fn::GetAtt":\["([^"]+)"/g)].map(([, ref, id]) => ref ?? id!);
  const pseudo = (id: string) => id.startsWith('AWS');
  expect(named.filter((id) => !(id in template.Resources) && !pseudo(id))).toEqual([]);
  const inNetwork = Object.values(template.Resources).find(({ Type }) => Type === 'AWS::ECS::Service')!;
  expect(JSON.stringify(inNetwork.Properties!.NetworkConfiguration)).toContain('"Ref":"TaskSubnetA"');
});
