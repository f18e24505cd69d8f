import { type Draft, mean } from '../draft.ts';
import { ec2 } from '../library.ts';
import { processPort, type SecurityGroups } from './security-groups.ts';

/** Lets processes call each other: a rule of its own, since a group cannot name itself while it is made. */
export function calls(draft: Draft, { tasks }: SecurityGroups): void {
  mean(
    draft,
    new ec2.CfnSecurityGroupIngress(draft.scope, 'Calls', {
      groupId: tasks,
      sourceSecurityGroupId: tasks,
      ipProtocol: 'tcp',
      fromPort: processPort,
      toPort: processPort,
      description: 'calls between processes',
    }),
    { subject: 'calls between processes' },
  );
}
