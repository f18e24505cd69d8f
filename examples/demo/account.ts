import { openClients } from '../../cdk/clients.ts';
import type { FakeAws } from '../../test/fakes/aws/fake.ts';
import type { Rds } from '../../test/fakes/aws/services/rds/rds.ts';
import type { Place, Traces } from './place.ts';

/** Looks at the account itself, whatever Fairlead says: by the interfaces of AWS, and on the database servers. */
export class Account implements Place {
  readonly name = 'the account';
  private readonly aws: FakeAws;

  constructor(aws: FakeAws) {
    this.aws = aws;
  }

  async traces(): Promise<Traces> {
    const clients = openClients(this.aws.env);
    try {
      const [cloudFormation, tags, ecs] = await Promise.all([clients.cloudFormation(), clients.tags(), clients.ecs()]);
      const { Stacks = [] } = await cloudFormation.describeStacks({});
      const { clusterArns = [] } = await ecs.listClusters({});
      const tasks = await Promise.all(clusterArns.map((cluster) => ecs.listTasks({ cluster })));
      const { ResourceTagMappingList = [] } = await tags.getResources({
        TagFilters: [{ Key: 'fairlead:environment' }],
      });
      return {
        // What lies under environments stays when they go.
        stacks: Stacks.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === 'fairlead:environment'))
          .map(({ StackName = '' }) => StackName)
          .sort(),
        resources: ResourceTagMappingList.map(({ ResourceARN = '' }) => ResourceARN).sort(),
        tasks: tasks.flatMap(({ taskArns = [] }) => taskArns).sort(),
        databases: await this.onServers("SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop\\_%'"),
        roles: await this.onServers("SELECT rolname AS name FROM pg_roles WHERE rolname LIKE 'shop\\_%'"),
      };
    } finally {
      await clients.close();
    }
  }

  async has(database: string, table: string, row: Record<string, number>): Promise<boolean> {
    const where = Object.entries(row).map(([column, value]) => `${column} = ${value}`);
    const sql = `SELECT 'found' AS name FROM public.${table} WHERE ${where.join(' AND ')}`;
    for (const server of await this.servers()) {
      const found = await server.run(
        'postgres',
        "SELECT datname AS name FROM pg_database WHERE datname LIKE 'shop\\_%'",
      );
      const physical = found.map(({ name }) => String(name)).find((name) => name.startsWith(`shop_pr_1_${database}_`));
      if (physical !== undefined) return (await server.run(physical, sql)).length > 0;
    }
    return false;
  }

  private async onServers(sql: string): Promise<string[]> {
    const rows = await Promise.all((await this.servers()).map((server) => server.run('postgres', sql)));
    return rows
      .flat()
      .map(({ name }) => String(name))
      .sort();
  }

  private async servers() {
    const clients = openClients(this.aws.env);
    try {
      const { DBInstances = [] } = await (await clients.rds()).describeDBInstances({});
      const rds = this.aws.world.service<Rds>('rds');
      return DBInstances.flatMap(({ DBInstanceIdentifier: id = '' }) => rds.serverOf(id) ?? []);
    } finally {
      await clients.close();
    }
  }
}
