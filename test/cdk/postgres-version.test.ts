import { expect, jest, test } from '@jest/globals';
import type { AwsOverrides } from '../../cdk/model.ts';
import { environmentOf, quiet } from '../conformance/tiny-app.ts';
import { database, graph, service, use } from '../support/graph.ts';
import { makeScriptedAws, type ScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const environment = environmentOf('pr-7');
const at = { file: 'web/web.ts', line: 1, column: 1 };
const tiny = graph({
  application: 'tiny',
  services: [service('web')],
  databases: [{ ...database('notes', 'web/migrations', [], at), service: 'web' }],
  uses: [use('web', { kind: 'database', name: 'notes' }, ['query'], at)],
});

async function versions({ clients }: ScriptedAws) {
  const rds = await clients.rds();
  const { DBInstances = [] } = await rds.describeDBInstances({});
  return DBInstances.map(({ EngineVersion }) => EngineVersion!.split('.')[0]);
}

test('the major version of PostgreSQL is raised by whoever says from where, and never falls', async () => {
  const overrides: AwsOverrides = { database: { version: '17' } };
  await using aws = await makeScriptedAws(
    ({ name }) => (name === 'provision' || name === 'migrate' ? { exitsAfter: 1_000 } : {}),
    { overrides },
  );
  const deploy = () => aws.deploy(tiny, 'one', { environment });
  await deploy();
  expect(await versions(aws)).toEqual(['17']);

  // Nobody wrote another one down.
  overrides.database = {};
  await deploy();
  expect(await versions(aws)).toEqual(['17']);

  overrides.database = { version: '18' };
  await expect(deploy()).rejects.toThrow(/FL7008: the database server is PostgreSQL 17, and fairlead.json wants 18/);
  overrides.database = { version: '18', upgradeFrom: '16' };
  await expect(aws.foresee(tiny, 'one', environment)).rejects.toThrow('FL7008');
  expect(await versions(aws)).toEqual(['17']);

  overrides.database = { version: '18', upgradeFrom: '17' };
  const { resources } = await aws.foresee(tiny, 'one', environment);
  expect(resources.find(({ resource }) => resource.startsWith('AWS::RDS::DBInstance'))).toMatchObject({
    action: 'change',
    details: expect.arrayContaining([
      'engine version 17 → 18',
      'no database answers for some minutes, and there is no way back but a snapshot',
    ]),
  });
  await deploy();
  expect(await versions(aws)).toEqual(['18']);

  overrides.database = { version: '17', upgradeFrom: '18' };
  await expect(deploy()).rejects.toThrow('FL7008: the database server is PostgreSQL 18, and fairlead.json wants 17');
  overrides.database = {};
  await aws.target.destroy(environment, quiet);
  expect(await versions(aws)).toEqual(['18']);
});
