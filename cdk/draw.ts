import type { Plan } from '../pipeline/mod.ts';
import { synthesizeApp } from './app/mod.ts';
import { expiresFor } from './apply/expires.ts';
import { namesOf } from './apply/preflight.ts';
import { choosePriority } from './apply/priority.ts';
import type { Aws } from './aws.ts';
import { readBoundary } from './boundary.ts';
import { readFoundation } from './foundation/facts.ts';
import { synthesizeFoundation } from './foundation/mod.ts';
import { keepVersion, refuseUpgrade } from './foundation/version.ts';
import { type FoundationFacts, type Stack, tagNames } from './model.ts';
import { foundationStackName, refuseNameOfPreviews, stackName } from './names.ts';
import { readNeeds, withNeeds } from './needs.ts';
import { awsSettings, classOf } from './settings.ts';
import { readStack, readTemplate } from './stacks/read.ts';
import { weightsOf, withWeights } from './stacks/weights.ts';

/** Both stacks of a plan, as applying it would make them. */
export interface Drawn {
  foundation: Stack;
  environment: Stack;
}

/**
 * Draws the stacks of a plan without changing anything. What only AWS will know, such as the address of a database server that is not
 * there yet, and the values of secrets that nobody has set, have names that stand for it.
 * @throws UserError FL7008, FL7009
 */
export async function draw(aws: Aws, plan: Plan): Promise<Drawn> {
  const { clients, account } = aws;
  const { environment } = plan;
  refuseNameOfPreviews(environment.application);
  const written = aws.written(environment);
  const asked = awsSettings(written, environment);
  const type = classOf(environment.type);
  const under = await readStack(clients, foundationStackName(asked.foundation, type));
  const deployed = under && (await readTemplate(clients, under.name));
  const settings = keepVersion(asked, written, deployed);
  refuseUpgrade(settings, deployed);
  const before = await readStack(clients, stackName(environment));
  const template = before && (await readTemplate(clients, before.name));
  const own = (stack: typeof under) => aws.repository ?? stack?.tags[tagNames.repository];
  const owner = under?.tags[tagNames.repository] ?? aws.repository;
  const foundation = synthesizeFoundation({
    account,
    class: type,
    settings,
    needs: withNeeds(readNeeds(deployed), plan, settings),
    ...(owner !== undefined && { repository: owner }),
  });
  const facts = standIns(foundation, under?.outputs ?? {});
  const repository = own(before);
  const expires = expiresFor(settings.expires, before?.tags[tagNames.expires], aws.time.now());
  const names = plan.isolated ? [] : plan.secrets.map(({ name }) => name);
  const known = await aws.secrets.references(environment, names);
  const boundary = await readBoundary(aws, settings.foundation, type);
  const missing = {
    arn: `arn:${account.partition}:secretsmanager:${account.region}:${account.id}:secret:to-be-set`,
    version: 'none',
  };
  const drawn = synthesizeApp({
    account,
    plan,
    settings,
    foundation: facts,
    ...(await namesOf(plan, await aws.images.names(environment.application))),
    secrets: Object.fromEntries(names.map((name) => [name, known[name] ?? missing])),
    ...(repository !== undefined && { repository }),
    ...(expires !== undefined && { expires }),
    ...(boundary !== undefined && { boundary }),
    ...(under && { priority: await choosePriority(clients, facts.listenerArn, template) }),
  });
  return {
    foundation,
    environment: { ...drawn, template: withWeights(drawn.template, weightsOf(template)) },
  };
}

/** What is there, and where nothing is yet, the name of the output. */
function standIns({ template }: Stack, outputs: Record<string, string>): FoundationFacts {
  const expected = Object.entries(template.Outputs ?? {}).map(([key, { Value }]) => [key, plain(key, Value)]);
  return readFoundation({ ...Object.fromEntries(expected), ...outputs });
}

/** Texts that hold JSON keep their form. */
function plain(key: string, value: unknown): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (!join) return `{${key}}`;
  return join[1].map((part) => (typeof part === 'string' ? part : `(${key})`)).join(join[0]);
}
