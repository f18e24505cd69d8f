import type { Call, Wish, World } from '../../model.ts';
import { generatedName, tagList, tagsOf } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import type { Group, Logs } from './model.ts';
import { groupArn, logOperations } from './operations.ts';

export function createLogs(world: World): Logs {
  const groups = new Map<string, Group>();
  const operations = logOperations(world, groups);
  return {
    id: 'logs',
    groups,
    operations,
    authorize: wishesOf,
    *tagged() {
      for (const { arn, tags } of groups.values()) if (Object.keys(tags).length > 0) yield { arn, tags };
    },
    resources: {
      /** CloudFormation User Guide, `AWS::Logs::LogGroup`. */
      'AWS::Logs::LogGroup': {
        latency: latencies.small,
        async create(properties, context) {
          const logGroupName = properties.LogGroupName ?? generatedName(context, world.random);
          const { RetentionInDays: retentionInDays, DeletionProtectionEnabled: deletionProtectionEnabled } = properties;
          operations.CreateLogGroup!(
            { logGroupName, tags: tagsOf(properties, context), deletionProtectionEnabled },
            context,
          );
          if (retentionInDays) operations.PutRetentionPolicy!({ logGroupName, retentionInDays }, context);
          return { id: logGroupName, attributes: { Arn: `${groupArn(logGroupName, context)}:*` } };
        },
        async update(id, properties, _previous, context) {
          const { RetentionInDays: retentionInDays, DeletionProtectionEnabled: deletionProtectionEnabled = false } =
            properties;
          if (retentionInDays) operations.PutRetentionPolicy!({ logGroupName: id, retentionInDays }, context);
          else operations.DeleteRetentionPolicy!({ logGroupName: id }, context);
          operations.PutLogGroupDeletionProtection!({ logGroupIdentifier: id, deletionProtectionEnabled }, context);
          const group = groups.get(groupArn(id, context));
          if (group) group.tags = tagsOf(properties, context);
          return { id, attributes: { Arn: `${groupArn(id, context)}:*` } };
        },
        async delete(id, _properties, context) {
          if (groups.has(groupArn(id, context))) operations.DeleteLogGroup!({ logGroupName: id }, context);
        },
        async read(id, context) {
          const group = groups.get(groupArn(id, context));
          if (!group) return undefined;
          return {
            LogGroupName: group.name,
            ...(group.retention !== undefined && { RetentionInDays: group.retention }),
            Tags: tagList(group.tags).filter(({ Key }) => !Key.startsWith('aws:')),
          };
        },
        wishes(verb, properties, context, id) {
          const name = id ?? properties.LogGroupName ?? `${context.stack.name}-${context.logicalId}`;
          const on = (action: string): Wish => ({ action: `logs:${action}`, resource: groupArn(name, context) });
          if (verb === 'delete') return [on('DeleteLogGroup')];
          const retention = properties.RetentionInDays ? [on('PutRetentionPolicy')] : [];
          return verb === 'create'
            ? [on('CreateLogGroup'), on('TagResource'), ...retention]
            : [...retention, on('TagResource')];
        },
      },
    },
  };
}

/** "Actions, resources, and condition keys for Amazon CloudWatch Logs": a group is `…:log-group:name`, a stream `…:log-stream:name` of it. */
function wishesOf(operation: string, input: Record<string, string>, call: Call): Wish[] {
  const action = `logs:${operation}`;
  const { logGroupName, logGroupIdentifier, resourceArn, logStreamName } = input;
  const id = logGroupName ?? logGroupIdentifier ?? resourceArn;
  if (operation === 'DescribeLogGroups' || !id)
    return [{ action, resource: `arn:aws:logs:${call.region}:${call.account}:log-group:*` }];
  const group = groupArn(id, call);
  const ofStream = ['PutLogEvents', 'GetLogEvents', 'DeleteLogStream'].includes(operation);
  return [{ action, resource: ofStream ? `${group}:log-stream:${logStreamName}` : `${group}:*` }];
}
