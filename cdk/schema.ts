import type { Environment } from '../pipeline/mod.ts';
import type { Clients } from './clients.ts';
import { codeOf, unless, unlessMissing } from './errors.ts';
import { tagNames } from './model.ts';

/** Per database the version of its newest applied migration. */
export type Schema = Record<string, number>;

/**
 * How far the databases of an environment are, as the last migrations told: a parameter of Systems Manager. While migrations run, and
 * after a run that was killed, it is not known.
 */
export async function readSchema(clients: Clients, environment: Environment): Promise<Schema | undefined> {
  const ssm = await clients.ssm();
  const answer = await unlessMissing(ssm.getParameter({ Name: nameOf(environment) }));
  const text = answer?.Parameter?.Value;
  if (text === undefined) return undefined;
  const { schema } = JSON.parse(text) as { schema?: Schema };
  return schema;
}

/** @param schema absent: unknown from now on */
export async function writeSchema(clients: Clients, environment: Environment, schema?: Schema): Promise<void> {
  const ssm = await clients.ssm();
  const parameter = {
    Name: nameOf(environment),
    Type: 'String',
    Value: JSON.stringify(schema ? { schema } : { unknown: true }),
  } as const;
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
export async function removeSchema(clients: Clients, environment: Environment): Promise<boolean> {
  const ssm = await clients.ssm();
  return (await unlessMissing(ssm.deleteParameter({ Name: nameOf(environment) }))) !== undefined;
}

function nameOf({ application, name }: Environment): string {
  return `/fairlead/${application}/${name}/schema`;
}
