import { expect, jest, test } from '@jest/globals';
import { readAccount } from '../../cdk/account.ts';
import { stackName } from '../../cdk/names.ts';
import { repairStack } from '../../cdk/repair/repair.ts';
import { readStack } from '../../cdk/stacks/read.ts';
import { environmentOf, quiet, until } from '../conformance/tiny-app.ts';
import { bucket, graph, service, use } from '../support/graph.ts';
import { makeScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const environment = environmentOf('production', 'production');
const at = { file: 'web/web.ts', line: 1, column: 1 };
const tiny = graph({
  application: 'tiny',
  services: [service('back'), service('web')],
  buckets: [bucket('files')],
  uses: [use('web', { kind: 'bucket', name: 'files' }, ['upload'], at)],
});
const settings = { processes: 'per-service', healthTimeout: 20_000 } as const;

/** The clock goes on by itself: what is looked at is looked at every few seconds of it. */
const clock = { factor: 200 };

/** Milliseconds that CloudFormation itself waits for a service. */
const patience = 3 * 3_600_000;

test.each(['gateway', 'back'])(
  'a first release whose %s never gets well ends soon, and the next one comes up',
  async (ill) => {
    const broken = new Set([ill]);
    await using scripted = await makeScriptedAws(
      ({ name }) => (broken.has(name) ? { healthyAfter: 'never', logs: ['cannot go on'] } : {}),
      { clock },
    );
    const { aws, clients, target } = scripted;
    // What lies under it is there, so that only the release takes time.
    const began = aws.world.clock.now();
    await expect(scripted.deploy(tiny, 'one', { environment, settings })).rejects.toThrow(
      new RegExp(`FL4008: the process ${ill} is not healthy.*cannot go on`, 's'),
    );
    expect(aws.world.clock.now() - began).toBeLessThan(patience / 3);
    expect(await readStack(clients, stackName(environment))).toBeUndefined();
    expect(await target.read(environment)).toBeUndefined();
    broken.clear();
    expect(await scripted.deploy(tiny, 'two', { environment, settings })).toMatchObject({
      started: ['back', 'gateway', 'web'],
    });
  },
);

test('a first release that nobody looks after any more is taken away before the next one', async () => {
  let isIll = true;
  await using scripted = await makeScriptedAws(() => (isIll ? { healthyAfter: 'never' } : {}), { clock });
  const { aws, clients } = scripted;
  const name = stackName(environment);
  const began = aws.world.clock.now();
  // Whoever runs it waits for longer than CloudFormation.
  const run = scripted.deploy(tiny, 'one', { environment, settings: { ...settings, healthTimeout: patience } });
  run.catch(() => {});
  await until(async () => (await readStack(clients, name))?.status === 'CREATE_IN_PROGRESS');
  const time = {
    now: () => new Date(aws.world.clock.now()),
    wait: (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.min(milliseconds, 5))),
  };
  const place = { clients, account: await readAccount(clients), time };
  expect(await repairStack(place, name, quiet)).toMatchObject([{ done: 'took away what it had made so far' }]);
  expect(aws.world.clock.now() - began).toBeLessThan(patience / 3);
  await expect(run).rejects.toThrow();
  isIll = false;
  expect(await scripted.deploy(tiny, 'two', { environment, settings })).toMatchObject({ migrations: [] });
});
