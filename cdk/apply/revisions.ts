import type { Aws } from '../aws.ts';
import { listResources } from '../stacks/read.ts';

/** Takes former revisions of the task definitions of a stack out of use: they would stay for ever. Tasks that run are left alone. */
export async function forgetRevisions({ clients }: Pick<Aws, 'clients'>, stack: string): Promise<void> {
  const ecs = await clients.ecs();
  const resources = await listResources(clients, stack);
  const current = resources.flatMap(({ type, physicalId }) =>
    type === 'AWS::ECS::TaskDefinition' && physicalId !== undefined ? [physicalId] : [],
  );
  for (const arn of current) {
    const family = arn.slice(arn.indexOf('/') + 1, arn.lastIndexOf(':'));
    for (const revision of await revisionsOf(clients, family, 'ACTIVE'))
      if (revision !== arn) await ecs.deregisterTaskDefinition({ taskDefinition: revision });
  }
}

/** Of exactly this family. */
export async function revisionsOf(
  clients: Aws['clients'],
  family: string,
  status: 'ACTIVE' | 'INACTIVE',
): Promise<string[]> {
  const ecs = await clients.ecs();
  const found: string[] = [];
  let nextToken: string | undefined;
  do {
    const page = await ecs.listTaskDefinitions({ familyPrefix: family, status, ...(nextToken && { nextToken }) });
    found.push(...(page.taskDefinitionArns ?? []));
    ({ nextToken } = page);
  } while (nextToken);
  return found.filter((arn) => arn.slice(arn.indexOf('/') + 1, arn.lastIndexOf(':')) === family);
}
