import { list, type Policy, parsePolicy, type Statement, statementsOf } from '../../iam/policy.ts';
import { AwsError } from '../../model.ts';

/** "IAM and STS quotas": characters without white space. */
export const limits = { trust: 2048, inline: 10_240, managed: 6144, attached: 10, versions: 5 } as const;

/** @throws AwsError MalformedPolicyDocument, LimitExceeded */
export function checkDocument(kind: 'trust' | 'managed', document: string, about: string): Policy {
  const policy = parse(document);
  for (const statement of statementsOf(policy)) checkStatement(kind, statement);
  if (kind === 'trust') checkFederation(policy);
  const size = sizeOf(document);
  const most = limits[kind];
  if (size > most) throw new AwsError('LimitExceeded', `Cannot exceed quota for ${about}: ${most}`, 409);
  return policy;
}

export const sizeOf = (document: string): number => document.replace(/\s/g, '').length;

const malformed = (message: string) => new AwsError('MalformedPolicyDocument', message);

function parse(document: string): Policy {
  try {
    const policy = parsePolicy(document);
    if (typeof policy === 'object' && policy !== null && list(policy.Statement).length > 0) return policy;
  } catch {
    throw malformed('This policy contains invalid Json');
  }
  throw malformed('Syntax errors in policy.');
}

/** "Grammar of the IAM JSON policy language". */
function checkStatement(kind: 'trust' | 'managed', statement: Statement): void {
  const { Effect, Action, NotAction, Resource, NotResource, Principal, NotPrincipal } = statement;
  if (Effect !== 'Allow' && Effect !== 'Deny') throw malformed('Syntax errors in policy.');
  if ((Action === undefined) === (NotAction === undefined)) throw malformed('Policy statement must contain actions.');
  for (const action of [...list(Action), ...list(NotAction)])
    if (action !== '*' && !/^[\w-]+:[\w*?]+$/.test(action))
      throw malformed('Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.');
  const resources = [...list(Resource), ...list(NotResource)];
  if (kind === 'trust') {
    if (resources.length > 0) throw malformed('Has prohibited field Resource');
    if (Principal === undefined && NotPrincipal === undefined) throw malformed('Missing required field Principal');
    return;
  }
  if (Principal !== undefined || NotPrincipal !== undefined)
    throw malformed('Policy document should not specify a principal.');
  if (resources.length === 0) throw malformed('Policy statement must contain resources.');
  for (const resource of resources)
    if (resource !== '*' && !/^arn:[^:]*:[^:]+:[^:]*:[^:]*:.+$/s.test(resource))
      throw malformed(`Resource ${resource} must be in ARN format or "*".`);
}

const github = 'token.actions.githubusercontent.com';

/**
 * "Create a role for OpenID Connect federation": who trusts GitHub has to say which tokens, by the subject, and not by a lone wildcard;
 * the workflow that is called is the other claim that does.
 */
function checkFederation(policy: Policy): void {
  for (const { Effect, Principal, Condition } of statementsOf(policy)) {
    const federated = typeof Principal === 'object' ? list(Principal.Federated) : [];
    if (Effect !== 'Allow' || !federated.some((one) => one.endsWith(`oidc-provider/${github}`))) continue;
    const conditions = Object.values(Condition ?? {}).flatMap((keys) => Object.entries(keys));
    const telling = conditions.filter(([key]) =>
      [`${github}:sub`, `${github}:job_workflow_ref`].includes(key.toLowerCase()),
    );
    if (!telling.some(([, wanted]) => list(wanted as string | string[]).every((one) => !/^[*?]*$/.test(one))))
      throw malformed(
        `Missing or invalid condition for the OIDC provider ${github}: the trust policy must evaluate ${github}:sub or ${github}:job_workflow_ref.`,
      );
  }
}
