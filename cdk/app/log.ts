import type { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { mean } from '../draft.ts';
import { cloudwatchLogs } from '../library.ts';
import type { Scope } from './scope.ts';

/** One group for the environment: its streams begin with the name of the process. */
export function logGroup(scope: Scope): CfnLogGroup {
  return mean(
    scope,
    new cloudwatchLogs.CfnLogGroup(scope.scope, 'Logs', {
      logGroupName: scope.name('logGroup'),
      retentionInDays: scope.input.settings.logRetention,
    }),
    { subject: 'log' },
  );
}
