import type { Foresight, Plan } from '../../pipeline/mod.ts';
import type { Clients } from '../clients.ts';
import { isDenied, unless } from '../errors.ts';
import type { Account, Stack } from '../model.ts';
import { bodyOf } from '../stacks/body.ts';
import { makeChangeSet } from '../stacks/change-set.ts';
import { readTemplate } from '../stacks/read.ts';
import type { Time } from '../time.ts';
import { type Replacement, replacementsOf } from './changes.ts';
import { type ForeseenStack, foresight } from './foresight.ts';

export interface ForeseeRequest {
  clients: Clients;
  time: Time;
  account: Account;
  plan: Plan;
  foundation: Stack;
  environment: Stack;
  /** Per database the newest applied migration; a database that is not there has none. */
  schema: Readonly<Record<string, number>>;
}

/**
 * Reads what is deployed and says what applying the stacks would do to it. Changes nothing that runs: where only AWS can tell whether a
 * resource is replaced, it is asked with a change set that is thrown away.
 */
export async function foresee(request: ForeseeRequest): Promise<Foresight> {
  const { plan, account, foundation, environment, schema } = request;
  const stacks = await Promise.all([
    foreseen(request, 'foundation', foundation),
    foreseen(request, 'environment', environment),
  ]);
  return foresight({ plan, region: account.region, stacks, schema });
}

async function foreseen(request: ForeseeRequest, part: ForeseenStack['part'], next: Stack): Promise<ForeseenStack> {
  const deployed = await readTemplate(request.clients, next.name);
  if (!deployed) return { part, next };
  const open = [...replacementsOf(deployed, next.template)].some(([, impact]) => impact === 'maybe');
  // Who may only look cannot ask. Then it stays open.
  const replacements = open ? await unless(ask(request, next), isDenied) : undefined;
  return { part, next, deployed, ...(replacements && { replacements }) };
}

const words: Record<string, Replacement> = { True: 'yes', Conditional: 'maybe', False: 'no' };

/** What CloudFormation says of each resource that stays. */
async function ask(
  { clients, time, account }: ForeseeRequest,
  { name, template, tags }: Stack,
): Promise<Record<string, Replacement>> {
  const body = await bodyOf(JSON.stringify(template), { clients, account });
  const set = await makeChangeSet(clients, { stack: name, type: 'UPDATE', body, tags, express: false }, time);
  if (!set) return {};
  const cloudFormation = await clients.cloudFormation();
  await cloudFormation.deleteChangeSet({ StackName: name, ChangeSetName: set.id });
  const modified = set.changes.filter(({ action }) => action === 'Modify');
  return Object.fromEntries(modified.map(({ logicalId, replacement }) => [logicalId, words[replacement]!]));
}
