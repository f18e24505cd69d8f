import { UserError } from '../../../pipeline/user-error.ts';
import { document, type PolicyDocument, type Statement } from '../statement.ts';

/** What IAM takes: characters of a managed policy, blanks not counted, and such policies of one role. */
export const limits = { characters: 6_144, policies: 10 } as const;

/**
 * The statements in as few documents as a simple packing gives, each within the limit. The order stays, so that one statement more
 * moves as few others as it can.
 * @throws UserError FL7302 for more than a role has room for
 */
export function pack(statements: readonly Statement[]): PolicyDocument[] {
  const documents: Statement[][] = [];
  for (const statement of statements.flatMap(divided)) {
    const open = documents.find((one) => sizeOf([...one, statement]) <= limits.characters);
    if (open) open.push(statement);
    else documents.push([statement]);
  }
  if (documents.length > limits.policies)
    throw new UserError({
      code: 'FL7302',
      severity: 'error',
      message: `what a deployer of these applications may do takes ${documents.length} policies, and a role has ${limits.policies}`,
      help: 'Make a trust for some of them at a time: name them with --app, and give each its own --stack-name.',
    });
  return documents.map(document);
}

/** Characters as IAM counts them. */
export function sizeOf(statements: readonly Statement[]): number {
  return JSON.stringify(document([...statements])).replace(/\s/g, '').length;
}

/** One that is too long on its own is said in halves, each about a part of the resources. */
function divided(statement: Statement): Statement[] {
  if (sizeOf([statement]) <= limits.characters) return [statement];
  const { Sid, Resource } = statement;
  if (Resource.length < 2) throw new Error(`the statement ${Sid} is too long for a policy`);
  const half = Math.ceil(Resource.length / 2);
  return [
    ...divided({ ...statement, Sid: `${Sid}A`, Resource: Resource.slice(0, half) }),
    ...divided({ ...statement, Sid: `${Sid}B`, Resource: Resource.slice(half) }),
  ];
}
