export { boundaryName, boundaryPolicy, scopeOf } from './boundary.ts';
export {
  type DeployedApplication,
  type DeployerInput,
  type DeployerNeeds,
  deployerCeiling,
  deployerPolicies,
  deployerStatements,
  needsOf,
} from './deployer/mod.ts';
export { type ExecutionInput, executionStatements } from './execution.ts';
export type { PolicyDocument, Statement, Value } from './statement.ts';
export { type TaskBucket, type TaskInput, taskStatements } from './task.ts';
