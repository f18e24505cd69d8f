import { expect, jest, test } from '@jest/globals';
import type { Graph } from '../../analyzer/graph.ts';
import type { Environment } from '../../pipeline/mod.ts';
import type { ProvisionRequest } from '../../runtime/wire.ts';
import { environmentOf, quiet } from '../conformance/tiny-app.ts';
import type { Launch } from '../fakes/aws/containers/model.ts';
import type { Script } from '../fakes/aws/containers/scripted.ts';
import { database, graph, service, use } from '../support/graph.ts';
import { makeScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const at = { file: 'web/web.ts', line: 1, column: 1 };

/** Both services, and those of them that use the database. */
function using(...services: string[]): Graph {
  return graph({
    application: 'tiny',
    services: [service('back'), service('web')],
    databases: [{ ...database('notes', 'web/migrations', [], at), service: 'web' }],
    uses: services.map((name) => use(name, { kind: 'database', name: 'notes' }, ['query'], at)),
  });
}

interface Order extends Pick<ProvisionRequest, 'action'> {
  users: string[];
}

/** What the kit's own image was told to do, one after the other. */
class Orders {
  readonly all: Order[] = [];
  /** Whether it fails. */
  broken = false;

  scriptOf(launch: Launch): Script {
    if (launch.name === 'migrate') return { exitsAfter: 1_000 };
    if (!launch.name.startsWith('provision')) return {};
    const { action, databases } = JSON.parse(launch.environment.FAIRLEAD_PROVISION!) as ProvisionRequest;
    const users = databases.flatMap((one) => one.users.map((role) => /back|web|app/.exec(role)?.[0] ?? role));
    this.all.push({ action, users: [...new Set(users)].sort() });
    if (!this.broken || action !== 'settle') return { exitsAfter: 1_000 };
    const event = { event: 'failed', message: 'the server is not there' };
    return { exitsAfter: 1_000, exitCode: 1, logs: [JSON.stringify(event)] };
  }

  /** Since it was last asked. */
  taken(): string[] {
    return this.all.splice(0).map(({ action, users }) => `${action} ${users.join(' ')}`);
  }
}

async function opened() {
  const orders = new Orders();
  const scripted = await makeScriptedAws((launch) => orders.scriptOf(launch));
  return { scripted, orders };
}

const places: [string, Environment][] = [
  ['production', environmentOf('production', 'production')],
  ['a preview', environmentOf('pr-7')],
];

test.each(places)('what a process of %s does not use any more is taken from it, once', async (_, environment) => {
  const { scripted, orders } = await opened();
  await using aws = scripted;
  const options = { environment, settings: { processes: 'per-service' as const } };
  await aws.deploy(using('back', 'web'), 'one', options);
  expect(orders.taken()).toEqual(['create back web']);
  await aws.deploy(using('web'), 'two', options);
  expect(orders.taken()).toEqual(['create web', 'settle web']);
  await aws.deploy(using('web'), 'three', options);
  expect(orders.taken().filter((one) => one.startsWith('settle'))).toEqual([]);
  await aws.target.destroy(environment, quiet);
  const ssm = await aws.clients.ssm();
  expect((await ssm.describeParameters({})).Parameters ?? []).toEqual([]);
});

test('what could not be taken is told, and taken by the next deployment', async () => {
  const environment = environmentOf('production', 'production');
  const { scripted, orders } = await opened();
  await using aws = scripted;
  const options = { environment, settings: { processes: 'per-service' as const } };
  await aws.deploy(using('back', 'web'), 'one', options);
  orders.broken = true;
  const warnings: string[] = [];
  const report = { ...quiet, warn: (line: string) => void warnings.push(line) };
  await aws.deploy(using('web'), 'two', { ...options, report });
  expect(warnings).toEqual([expect.stringContaining('the server is not there')]);
  orders.broken = false;
  orders.taken();
  await aws.deploy(using('web'), 'two', { ...options, report });
  expect(orders.taken()).toEqual(['create web', 'settle web']);
  expect(warnings).toHaveLength(1);
});

test('a release that is rolled back to is given what it uses again', async () => {
  const environment = environmentOf('production', 'production');
  const { scripted, orders } = await opened();
  await using aws = scripted;
  const options = { environment, settings: { processes: 'per-service' as const } };
  await aws.deploy(using('back', 'web'), 'one', options);
  await aws.deploy(using('web'), 'two', options);
  orders.taken();
  await aws.deploy(using('back', 'web'), 'one', options);
  expect(orders.taken()[0]).toBe('create back web');
});
