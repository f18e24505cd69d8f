import { allow, type Statement, type Value } from './statement.ts';

/** What ECS itself does to start one task, before any code of the application runs. */
export interface ExecutionInput {
  /** ARNs of the repositories that its images are pulled from. Not empty. */
  repositories: Value[];
  /** ARN of the log group that it writes to, with the `:*` at its end that the attribute `Arn` has: its streams. */
  logGroup: Value;
  /** ARNs of the secrets that it puts into the environment of the task, without key and version. */
  secrets: Value[];
}

/** What the execution role of one task is allowed. */
export function executionStatements({ repositories, logGroup, secrets }: ExecutionInput): Statement[] {
  return [
    // ECR has no narrower resource for it.
    allow('SignIn', ['ecr:GetAuthorizationToken'], ['*']),
    allow('Pull', ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], repositories),
    allow('Log', ['logs:CreateLogStream', 'logs:PutLogEvents'], [logGroup]),
    ...(secrets.length > 0 ? [allow('ReadSecrets', ['secretsmanager:GetSecretValue'], secrets)] : []),
  ];
}
