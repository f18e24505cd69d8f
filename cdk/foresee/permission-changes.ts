import type { PermissionChange, Plan, Position } from '../../pipeline/mod.ts';
import type { Stack, Template, TemplateResource } from '../model.ts';
import type { ForeseenStack } from './foresight.ts';
import { nounOf } from './nouns.ts';
import { referencesIn } from './references.ts';

/** One action that somebody may do to one thing, under one condition. */
interface Right {
  who: string;
  action: string;
  on: string;
  /** Tells rights apart that read alike. */
  key: string;
  position?: Position;
}

interface Statement {
  Effect?: string;
  Principal?: unknown;
  Action?: string | string[];
  NotAction?: string | string[];
  Resource?: unknown;
  NotResource?: unknown;
  Condition?: unknown;
}

/** Where templates have policies: the resource that a statement is about, where it does not say so itself, and the documents. */
const policiesOf: Record<string, (properties: Record<string, unknown>) => { of?: unknown; documents: unknown[] }> = {
  'AWS::IAM::Role': ({ Policies, AssumeRolePolicyDocument }) => ({
    documents: [
      ...list(Policies).map((one) => (one as { PolicyDocument: unknown }).PolicyDocument),
      AssumeRolePolicyDocument,
    ],
  }),
  'AWS::IAM::Policy': ({ PolicyDocument, Roles }) => ({ of: Roles, documents: [PolicyDocument] }),
  'AWS::IAM::ManagedPolicy': ({ PolicyDocument, Roles }) => ({ of: Roles, documents: [PolicyDocument] }),
  'AWS::S3::BucketPolicy': ({ PolicyDocument, Bucket }) => ({ of: Bucket, documents: [PolicyDocument] }),
  'AWS::SNS::TopicPolicy': ({ PolicyDocument, Topics }) => ({ of: Topics, documents: [PolicyDocument] }),
  'AWS::SQS::QueuePolicy': ({ PolicyDocument, Queues }) => ({ of: Queues, documents: [PolicyDocument] }),
};

/** Who gains and who loses what in one stack: by who, then by what, what is lost first. */
export function permissionChanges({ next, deployed }: ForeseenStack, plan: Plan): PermissionChange[] {
  const before = deployed ? rightsOf(deployed, next.meanings, plan) : [];
  const after = rightsOf(next.template, next.meanings, plan);
  return [...changes('remove', before, after), ...changes('add', after, before)].sort(
    (a, b) => compare(a.who, b.who) || compare(b.action, a.action) || compare(a.what, b.what),
  );
}

/** The rights in one list that are not in the other; actions on the same thing together. */
function changes(action: PermissionChange['action'], these: Right[], others: Right[]): PermissionChange[] {
  const known = new Set(others.map(({ key }) => key));
  const found = these.filter(({ key }) => !known.has(key));
  return [...Map.groupBy(found, ({ who, on }) => JSON.stringify([who, on])).values()].map((rights) => {
    const { who, on, position } = rights[0]!;
    const actions = [...new Set(rights.map((right) => right.action))].sort();
    return {
      action,
      who,
      what: `${actions.join(', ')} on ${on}`,
      ...(action === 'add' && position && { position }),
    };
  });
}

function rightsOf(template: Template, meanings: Stack['meanings'], plan: Plan): Right[] {
  const name = (value: unknown) => nameOf(value, template, meanings);
  return Object.entries(template.Resources).flatMap(([id, resource]) => {
    const found = policiesOf[resource.Type]?.(resource.Properties ?? {});
    if (!found) return [];
    const { of, documents } = found;
    const isRole = resource.Type.startsWith('AWS::IAM::');
    const owner = of === undefined ? subjectOf(id, resource, meanings) : list(of).map(name).join(', ');
    return documents
      .flatMap((document) => list((document as { Statement?: unknown } | undefined)?.Statement) as Statement[])
      .flatMap((statement) => {
        const who = statement.Principal === undefined ? holderOf(owner) : principal(statement.Principal, name);
        const things = statement.Resource ?? statement.NotResource ?? of ?? { Ref: id };
        return list(things).flatMap((thing) =>
          list(statement.Action ?? statement.NotAction).map((action): Right => {
            const except = statement.NotAction === undefined ? '' : 'everything but ';
            const on = `${statement.NotResource === undefined ? '' : 'all but '}${name(thing)}`;
            const denies = statement.Effect === 'Deny' ? 'denied: ' : '';
            const position = isRole ? (causeOf(who, on, plan) ?? placeOf(thing, meanings)) : undefined;
            return {
              who,
              action: `${denies}${except}${String(action)}`,
              on: `${on}${statement.Condition === undefined ? '' : ` if ${condition(statement.Condition, name)}`}`,
              key: JSON.stringify([
                id,
                statement.Effect,
                statement.Principal,
                except,
                action,
                thing,
                statement.Condition,
              ]),
              ...(position && { position }),
            };
          }),
        );
      });
  });
}

/** `what analytics may do` → `analytics`, `what ECS may do to start process analytics` → `ECS, to start process analytics`. */
function holderOf(subject: string): string {
  const [, who, purpose] = /^what (.+?) may do(?: (to .+))?$/.exec(subject) ?? [];
  return who === undefined ? subject : purpose === undefined ? who : `${who}, ${purpose}`;
}

function principal(value: unknown, name: (value: unknown) => string): string {
  if (value === '*') return 'everybody';
  const given = Object.values(value as Record<string, unknown>).flatMap(list);
  return given.map((one) => (one === '*' ? 'everybody' : name(one))).join(', ');
}

function condition(value: unknown, name: (value: unknown) => string): string {
  const shown = (one: unknown) => (typeof one === 'object' && !Array.isArray(one) ? name(one) : JSON.stringify(one));
  return Object.entries(value as Record<string, Record<string, unknown>>)
    .flatMap(([operator, keys]) => Object.entries(keys).map(([key, one]) => `${key} ${operator} ${shown(one)}`))
    .join(' and ');
}

/** A thing in the words of the Graph, where the template or a meaning says which it is. */
function nameOf(value: unknown, template: Template, meanings: Stack['meanings']): string {
  if (value === '*') return 'everything';
  if (typeof value === 'string') return value;
  const subjects = referencesIn(value)
    .filter((id) => template.Resources[id])
    .map((id) => subjectOf(id, template.Resources[id]!, meanings));
  if (subjects.length === 0) return JSON.stringify(value);
  const ending = /"(\/[^"]*\*?)"\]\]\}$/.exec(JSON.stringify(value))?.[1];
  return `${subjects.join(', ')}${ending === undefined ? '' : ending === '/*' ? ', what is in it' : ` ${ending}`}`;
}

function subjectOf(id: string, { Type }: TemplateResource, meanings: Stack['meanings']): string {
  return meanings[id]?.subject ?? `${nounOf(Type)} ${id}`;
}

/** The line of the code that asks for it. */
function causeOf(who: string, on: string, { permissions }: Plan): Position | undefined {
  const found = permissions.find(({ process, resource }) => {
    if (process !== who) return false;
    const words = on.split(/[\s,]+/);
    return 'name' in resource && words.includes(resource.name);
  });
  return found?.positions[0];
}

function placeOf(value: unknown, meanings: Stack['meanings']): Position | undefined {
  return referencesIn(value)
    .map((id) => meanings[id]?.position)
    .find((position) => position !== undefined);
}

function list(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
