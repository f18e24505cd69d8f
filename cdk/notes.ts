import type { Environment } from '../pipeline/mod.ts';
import type { Clients } from './clients.ts';
import { codeOf, unless, unlessMissing } from './errors.ts';
import { tagNames } from './model.ts';

/** What is kept of an environment besides its stack, each a parameter of Systems Manager. */
export type Note = 'schema' | 'grants';

export async function readNote(clients: Clients, environment: Environment, note: Note): Promise<string | undefined> {
  const ssm = await clients.ssm();
  const answer = await unlessMissing(ssm.getParameter({ Name: nameOf(environment, note) }));
  return answer?.Parameter?.Value;
}

export async function writeNote(clients: Clients, environment: Environment, note: Note, value: string): Promise<void> {
  const ssm = await clients.ssm();
  const parameter = { Name: nameOf(environment, note), Type: 'String', Value: value } as const;
  const Tags = [
    { Key: tagNames.application, Value: environment.application },
    { Key: tagNames.environment, Value: environment.name },
  ];
  // Tags go with a new parameter only.
  const made = await unless(
    ssm.putParameter({ ...parameter, Tags }),
    (error) => codeOf(error) === 'ParameterAlreadyExists',
  );
  if (!made) await ssm.putParameter({ ...parameter, Overwrite: true });
}

/** Whether there was one. */
export async function removeNote(clients: Clients, environment: Environment, note: Note): Promise<boolean> {
  const ssm = await clients.ssm();
  return (await unlessMissing(ssm.deleteParameter({ Name: nameOf(environment, note) }))) !== undefined;
}

function nameOf({ application, name }: Environment, note: Note): string {
  return `/fairlead/${application}/${name}/${note}`;
}
