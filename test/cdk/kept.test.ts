import { expect, jest, test } from '@jest/globals';
import { environmentOf, quiet } from '../conformance/tiny-app.ts';
import { database, graph, service, use } from '../support/graph.ts';
import { makeScriptedAws } from './support/scripted.ts';

jest.setTimeout(120_000);

const at = { file: 'web/web.ts', line: 1, column: 1 };
const tiny = graph({
  application: 'tiny',
  services: [service('web')],
  databases: [{ ...database('notes', 'web/migrations', [], at), service: 'web' }],
  uses: [use('web', { kind: 'database', name: 'notes' }, ['query'], at)],
});

test('what is left of a Foundation is named, and where nothing was found', async () => {
  const environment = environmentOf('production', 'production');
  await using aws = await makeScriptedAws(({ name }) =>
    name === 'provision' || name === 'migrate' ? { exitsAfter: 1_000 } : {},
  );
  const { cloud } = aws.target;
  await aws.deploy(tiny, 'one', { environment });
  expect((await aws.target.destroy(environment, quiet)).left).toEqual([]);
  const { left, kept } = await cloud!.destroyFoundation('tiny', 'production', quiet);
  expect(left).toEqual([]);
  const rds = await aws.clients.rds();
  const { DBSnapshots = [] } = await rds.describeDBSnapshots({});
  expect(DBSnapshots).toHaveLength(1);
  const [{ DBSnapshotIdentifier, DBInstanceIdentifier } = {}] = DBSnapshots;
  expect(kept).toEqual([`snapshot ${DBSnapshotIdentifier} of the database server ${DBInstanceIdentifier}`]);
  expect(await aws.target.list()).toEqual([]);
  expect(await aws.target.where!()).toBe('the AWS account 123456789012 in eu-central-1');
});
