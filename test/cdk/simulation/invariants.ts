import type { Cleaned, Environment } from '../../../pipeline/mod.ts';
import { UserError } from '../../../pipeline/mod.ts';
import type { Ec2 } from '../../fakes/aws/services/ec2/ec2.ts';
import type { Ecr } from '../../fakes/aws/services/ecr/model.ts';
import type { Ecs } from '../../fakes/aws/services/ecs/model.ts';
import { remainsInAccount } from '../support/remains.ts';
import type { Run } from './run.ts';
import { preview, type Simulation } from './simulation.ts';
import { application, isSound } from './sources.ts';

/** What must hold when everything has been looked after. Each answers what does not, in words. */
export async function whatIsWrong(simulation: Simulation): Promise<string[]> {
  return [
    ...simulation.watchman.violations,
    ...simulation.runs.flatMap(endings),
    ...(await leftovers(simulation)),
    ...interfaces(simulation),
    ...previews(simulation),
  ];
}

/** A run succeeds, or says with a code what is wrong. */
function endings({ name, error, dead, done }: Run): string[] {
  if (dead || (done && error === undefined)) return [];
  if (!done) return [`${name} has not ended`];
  const codes = codesOf(error);
  if (codes.length > 0 && codes.every((code) => /^FL\d{4}$/.test(code))) return [];
  return [`${name} ended without a code: ${error instanceof Error ? error.stack : String(error)}`];
}

function codesOf(error: unknown): string[] {
  return error instanceof UserError ? error.diagnostics.map(({ code }) => code) : [];
}

async function leftovers(simulation: Simulation): Promise<string[]> {
  const { aws, forge, databases } = simulation;
  const wrong: string[] = [];
  for (const { number, state } of forge.pulls.values()) {
    if (state === 'open') continue;
    const { name } = preview(number);
    const prefix = `${application}_${name.replaceAll('-', '_')}_`;
    const left = [
      ...(await remainsInAccount(aws, preview(number))),
      ...[...databases.all.keys()].filter((one) => one.startsWith(prefix)),
      ...tasksOf(simulation, name),
      ...(await imagesOf(simulation, preview(number))),
    ];
    wrong.push(...left.map((what) => `${name} is closed, and there is ${what}`));
  }
  return wrong;
}

function tasksOf({ aws }: Simulation, name: string): string[] {
  return [...aws.world.service<Ecs>('ecs').state.tasks.values()]
    .filter(({ view, definition }) => view.lastStatus !== 'STOPPED' && definition.family.includes(`-${name}-`))
    .map(({ view }) => `task ${view.taskArn}`);
}

/**
 * Those whose tags say that they are the environment's. They go with it; of one that never was, they go when they expire, and so does
 * what a list of another environment names.
 */
async function imagesOf({ aws, call, forge }: Simulation, environment: Environment): Promise<string[]> {
  const [last] = await forge.deployments(environment);
  if (last?.action !== 'destroy' || last.status !== 'success') return [];
  const { operations } = aws.world.service<Ecr>('ecr');
  const filter = { tagStatus: 'TAGGED' };
  const answer = operations.ListImages!({ repositoryName: `fairlead/${application}`, filter }, call);
  const { imageIds } = answer as { imageIds: { imageTag?: string }[] };
  return imageIds.flatMap(({ imageTag = '' }) =>
    imageTag.startsWith(`${environment.name}-2`) && !imageTag.endsWith('.linux-amd64') ? [`image ${imageTag}`] : [],
  );
}

/** Those of tasks that are no more. */
function interfaces({ aws }: Simulation): string[] {
  const running = [...aws.world.service<Ecs>('ecs').state.tasks.values()].filter(
    ({ view }) => view.lastStatus !== 'STOPPED',
  );
  const own = new Set(running.map(({ address }) => address));
  return [...aws.world.service<Ec2>('ec2').interfaces.all.values()]
    .filter(({ requester, privateIp }) => requester === 'ecs' && !own.has(privateIp))
    .map(({ id }) => `network interface ${id} is of no task`);
}

/** An open pull request runs its head, if that can run at all. */
function previews({ forge, watchman, runs }: Simulation): string[] {
  return [...forge.pulls.values()].flatMap(({ number, state, head }) => {
    if (state === 'closed' || !(isSound(head) || head.startsWith('wrong'))) return [];
    const answering = watchman.answering(preview(number).name);
    if (answering.join() === head) return [];
    const last = runs.findLast(({ name }) => name.startsWith(`preview of pr-${number} `));
    // What would take data away is refused, and the former release stays.
    if (codesOf(last?.error).includes('FL7110')) return [];
    return [`pr-${number} is at ${head}, and ${answering.join() || 'nothing'} answers: ${last?.error ?? 'no error'}`];
  });
}

/** What a run has left behind and says so; nothing when it says nothing. */
export function leftOf({ value }: Run): string[] {
  if (!Array.isArray(value)) return [];
  return (value as Cleaned[]).flatMap(({ left, environment }) =>
    left.map(({ what, why }) => `${environment.name}: ${what} stays: ${why}`),
  );
}
