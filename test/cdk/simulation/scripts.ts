import type { InfraConfig } from '../../../runtime/wire.ts';
import type { Launch } from '../../fakes/aws/containers/model.ts';
import type { Script } from '../../fakes/aws/containers/scripted.ts';
import type { FakeAws } from '../../fakes/aws/fake.ts';
import type { Databases } from './databases.ts';
import { flavourOf, type Sources } from './sources.ts';

interface Surroundings {
  sources: Sources;
  databases: Databases;
  /** Puts objects into a bucket. */
  fill(bucket: string): void;
}

/** What each container does: those of the kit and of migrations work on databases, those of processes write to buckets. */
export function scriptOf(launch: Launch, { sources, databases, fill }: Surroundings): Script {
  if (launch.name.startsWith('provision')) return databases.provision(launch);
  const head = sources.headOf(launch.image) ?? '';
  if (launch.name === 'migrate') return databases.migrate(head, launch);
  const config = JSON.parse(launch.environment.FAIRLEAD_INFRA_CONFIG ?? '{}') as InfraConfig;
  for (const storage of config.object_storage ?? []) for (const { name } of Object.values(storage.buckets)) fill(name);
  const body = flavourOf(head) === 'wrong' ? `nothing is well with ${head}` : `all is well with ${head}`;
  return { body, healthyAfter: flavourOf(head) === 'ill' ? 'never' : 3_000 };
}

/** As somebody who began to write before it was forbidden. */
export function fill({ world }: FakeAws, Bucket: string): void {
  const call = {
    account: world.account,
    region: world.region,
    principal: { kind: 'root' as const, account: world.account },
    requestId: 'simulation',
  };
  try {
    for (const Key of ['a', 'b'])
      void world.services.get('s3')?.operations.PutObject?.({ Bucket, Key, Body: 'x' }, call);
  } catch {
    // It may be gone by now.
  }
}
