import { decide } from '../../iam/authorize.ts';
import { evaluate } from '../../iam/evaluate.ts';
import { AwsError, type Operation, type World } from '../../model.ts';
import type { Iam } from './model.ts';

interface ContextEntry {
  ContextKeyName: string;
  ContextKeyValues?: string[];
}

/** "Testing IAM policies with the IAM policy simulator": what would be decided, without doing it. */
export function simulateOperations(world: World, iam: () => Iam): Record<string, Operation> {
  const results = (input: Simulation, decideOne: (action: string, resource: string) => ReturnType<typeof decide>) => ({
    EvaluationResults: input.ActionNames.flatMap((action) =>
      (input.ResourceArns ?? ['*']).map((resource) => {
        const decision = decideOne(action, resource);
        const word = decision.allowed ? 'allowed' : decision.how === 'explicit' ? 'explicitDeny' : 'implicitDeny';
        return {
          EvalActionName: action,
          EvalResourceName: resource,
          EvalDecision: word,
          MatchedStatements: [],
          MissingContextValues: [],
        };
      }),
    ),
    IsTruncated: false,
  });
  return {
    SimulatePrincipalPolicy(input: Simulation & { PolicySourceArn: string }, { account, region }) {
      const role = iam().findRole(account, input.PolicySourceArn);
      if (!role) throw new AwsError('NoSuchEntity', `The entity ${input.PolicySourceArn} cannot be found.`, 404);
      const principal = {
        kind: 'role' as const,
        account,
        role: role.name,
        session: 'simulation',
        expires: Number.POSITIVE_INFINITY,
      };
      const context = contextOf(input.ContextEntries);
      return results(input, (action, resource) =>
        decide(world, { account, region, principal }, { action, resource, context }),
      );
    },
    SimulateCustomPolicy(input: Simulation & { PolicyInputList: string[] }, { account }) {
      const who = { kind: 'role' as const, account, arn: `arn:aws:iam::${account}:role/simulation` };
      const context = contextOf(input.ContextEntries);
      return results(input, (action, resource) =>
        evaluate({ who, action, resource, context }, { identity: input.PolicyInputList }),
      );
    },
  };
}

interface Simulation {
  ActionNames: string[];
  ResourceArns?: string[];
  ContextEntries?: ContextEntry[];
}

const contextOf = (entries: ContextEntry[] = []): Record<string, string[]> =>
  Object.fromEntries(entries.map(({ ContextKeyName, ContextKeyValues = [] }) => [ContextKeyName, ContextKeyValues]));
