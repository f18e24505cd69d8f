import type { InfraConfig, MigrateEvent, ProvisionEvent, ProvisionRequest } from '../../../runtime/wire.ts';
import type { Launch } from '../../fakes/aws/containers/model.ts';
import type { Script } from '../../fakes/aws/containers/scripted.ts';
import { flavourOf, migrationsOf } from './sources.ts';

/** Milliseconds that the containers take which make databases ready. */
const work = 2_000;

/** The databases of all servers by their physical names, with the migrations that each has seen: what init containers work on. */
export class Databases {
  readonly all = new Map<string, string[]>();

  /** What the kit's own image does. */
  provision({ environment }: Pick<Launch, 'environment'>): Script {
    const request = JSON.parse(environment.FAIRLEAD_PROVISION ?? '{}') as ProvisionRequest;
    const names = request.databases.map(({ physical }) => physical);
    for (const name of names) {
      if (request.action === 'drop') this.all.delete(name);
      else if (!this.all.has(name)) this.all.set(name, []);
    }
    const event: ProvisionEvent = { event: 'provisioned', action: request.action, databases: names, milliseconds: 9 };
    return ending([event], 0);
  }

  /** What the `migrate` entry of an application does. */
  migrate(head: string, { environment }: Pick<Launch, 'environment'>): Script {
    const config = JSON.parse(environment.FAIRLEAD_INFRA_CONFIG ?? '{}') as InfraConfig;
    const physical = config.sql_servers?.flatMap((server) => server.databases.notes?.name ?? [])[0] ?? '';
    const there = this.all.get(physical);
    const database = 'notes';
    const fail = (message: string, conflict?: 'rewritten' | 'too new') =>
      ending([{ event: 'failed', database, message, ...(conflict && { conflict }) }], 1);
    if (!there) return fail(`database "${physical}" does not exist`);
    const wanted = migrationsOf(head);
    const differs = there.some((name, index) => index < wanted.length && name !== wanted[index]);
    if (differs) return fail('it was applied with another text', 'rewritten');
    if (there.length > wanted.length) return fail('it is further on', 'too new');
    const events: MigrateEvent[] = [];
    for (const [index, name] of wanted.entries()) {
      if (index < there.length) continue;
      const version = index + 1;
      if (flavourOf(head) === 'mistake' && name === 'mistake') {
        events.push({ event: 'failed', database, message: 'relation "nots" does not exist', sqlstate: '42P01' });
        return ending(events, 1);
      }
      there.push(name);
      events.push({ event: 'applied', database, version, name, milliseconds: 5 });
    }
    events.push({ event: 'current', database, version: there.length });
    return ending(events, 0);
  }
}

function ending(events: (MigrateEvent | ProvisionEvent)[], exitCode: number): Script {
  return { logs: events.map((event) => JSON.stringify(event)), exitsAfter: work, exitCode };
}
