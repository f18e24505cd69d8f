import type { Properties } from '../../model.ts';
import { evaluate, type Scope } from './intrinsics.ts';
import { evaluateText } from './scope.ts';
import type { Policy, ResourceDeclaration } from './template.ts';

/** What a resource is to be, as far as it is known. */
export interface Desired {
  logicalId: string;
  type: string;
  properties: Properties;
  metadata: unknown;
  deletionPolicy: Policy;
  updateReplacePolicy: Policy;
  dependsOn: string[];
  tags: Record<string, string>;
}

/** "DeletionPolicy attribute": these are kept by a snapshot unless the template says otherwise. */
const snapshotByDefault = (type: string, properties: Properties): boolean =>
  type === 'AWS::RDS::DBCluster' || (type === 'AWS::RDS::DBInstance' && properties.DBClusterIdentifier === undefined);

export function desire(
  logicalId: string,
  declaration: ResourceDeclaration,
  scope: Scope,
  around: { dependsOn: string[]; tags: Record<string, string> },
): Desired {
  const { Type, Properties: given = {}, Metadata, DeletionPolicy, UpdateReplacePolicy } = declaration;
  const properties = (evaluate(given, scope) ?? {}) as Properties;
  const byDefault: Policy = snapshotByDefault(Type, properties) ? 'Snapshot' : 'Delete';
  return {
    logicalId,
    type: Type,
    properties,
    metadata: Metadata,
    deletionPolicy: (evaluateText(DeletionPolicy, scope) ?? byDefault) as Policy,
    updateReplacePolicy: (evaluateText(UpdateReplacePolicy, scope) ?? 'Delete') as Policy,
    ...around,
  };
}
