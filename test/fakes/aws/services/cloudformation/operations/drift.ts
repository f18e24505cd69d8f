import type { Call, Operation, Properties } from '../../../model.ts';
import type { Api } from '../api.ts';
import { standing } from '../changes.ts';
import { differences } from '../drift.ts';
import { pageOf } from '../pages.ts';
import { invalid } from '../refusals.ts';
import type { Drift, Resource, Stack } from '../stack.ts';
import { readAll } from './change-sets.ts';

interface Detection {
  id: string;
  stack: Stack;
  at: number;
  status: 'DETECTION_IN_PROGRESS' | 'DETECTION_COMPLETE' | 'DETECTION_FAILED';
  reason?: string;
}

/** "Detect drift on an entire CloudFormation stack": the stacks in which it can be done. */
const detectable = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'UPDATE_ROLLBACK_FAILED',
]);

export function driftOperations(api: Api): Record<string, Operation> {
  const detections = new Map<string, Detection>();
  return {
    DetectStackDrift: (input: { StackName: string; LogicalResourceIds?: string[] }, call) => {
      const stack = detectableStack(api, input.StackName, call);
      const detection: Detection = { id: api.id(), stack, at: api.world.clock.now(), status: 'DETECTION_IN_PROGRESS' };
      detections.set(detection.id, detection);
      void detect(api, detection, call, input.LogicalResourceIds);
      return { StackDriftDetectionId: detection.id };
    },
    DescribeStackDriftDetectionStatus: ({ StackDriftDetectionId }: { StackDriftDetectionId: string }) => {
      const found = detections.get(StackDriftDetectionId);
      if (!found) throw invalid(`Drift detection ${StackDriftDetectionId} does not exist`);
      return detectionView(found);
    },
    DescribeStackResourceDrifts: (
      input: { StackName: string; StackResourceDriftStatusFilters?: string[]; NextToken?: string; MaxResults?: number },
      call,
    ) => {
      const stack = api.stacks.get(call, input.StackName);
      const wanted = new Set(input.StackResourceDriftStatusFilters);
      const all = [...stack.resources.values()].filter(
        ({ drift }) => drift && (wanted.size === 0 || wanted.has(drift.status)),
      );
      const { page, NextToken } = pageOf(all, input.NextToken, input.MaxResults ?? 100);
      return { StackResourceDrifts: page.map((resource) => driftView(stack, resource)), NextToken };
    },
    DetectStackResourceDrift: async (input: { StackName: string; LogicalResourceId: string }, call) => {
      const stack = detectableStack(api, input.StackName, call);
      const resource = stack.resources.get(input.LogicalResourceId);
      if (!resource) throw invalid(`Resource ${input.LogicalResourceId} does not exist for stack ${stack.name}`);
      resource.drift = driftOf(
        resource,
        (await readAll(api, stack, call)).get(resource.logicalId),
        api.world.clock.now(),
      );
      return { StackResourceDrift: driftView(stack, resource) };
    },
  };
}

function detectableStack(api: Api, name: string, call: Call): Stack {
  const stack = api.stacks.target(call, name);
  if (!detectable.has(stack.status)) {
    throw invalid(`Drift detection cannot be performed on stack [${stack.id}] while it is in ${stack.status} state`);
  }
  return stack;
}

async function detect(api: Api, detection: Detection, call: Call, only: string[] | undefined): Promise<void> {
  const { stack } = detection;
  try {
    const actual = await readAll(api, stack, call);
    const at = api.world.clock.now();
    for (const resource of stack.resources.values()) {
      if (!standing(resource) || (only && !only.includes(resource.logicalId))) continue;
      resource.drift = driftOf(resource, actual.get(resource.logicalId), at);
    }
    const isDrifted = drifted(stack).length > 0;
    stack.drift = { status: isDrifted ? 'DRIFTED' : 'IN_SYNC', at };
    detection.status = 'DETECTION_COMPLETE';
  } catch (error) {
    detection.status = 'DETECTION_FAILED';
    detection.reason = error instanceof Error ? error.message : String(error);
  }
}

function driftOf({ properties }: Resource, actual: Properties | undefined, at: number): Drift {
  if (!actual) return { status: 'DELETED', at, expected: properties, differences: [] };
  const found = differences(properties, actual);
  return { status: found.length > 0 ? 'MODIFIED' : 'IN_SYNC', at, expected: properties, actual, differences: found };
}

const drifted = (stack: Stack): Resource[] =>
  [...stack.resources.values()].filter(({ drift }) => drift?.status === 'MODIFIED' || drift?.status === 'DELETED');

function detectionView({ id, stack, at, status, reason }: Detection) {
  return {
    StackId: stack.id,
    StackDriftDetectionId: id,
    DetectionStatus: status,
    DetectionStatusReason: reason,
    Timestamp: new Date(at),
    ...(status === 'DETECTION_COMPLETE' && {
      StackDriftStatus: stack.drift.status,
      DriftedStackResourceCount: drifted(stack).length,
    }),
  };
}

function driftView(stack: Stack, { logicalId, physicalId, type, drift }: Resource) {
  const { status, at, expected, actual, differences: found } = drift as Drift;
  return {
    StackId: stack.id,
    LogicalResourceId: logicalId,
    PhysicalResourceId: physicalId,
    ResourceType: type,
    StackResourceDriftStatus: status,
    Timestamp: new Date(at),
    ExpectedProperties: JSON.stringify(expected),
    ...(actual && { ActualProperties: JSON.stringify(actual) }),
    PropertyDifferences: found.map((one) => ({
      PropertyPath: one.path,
      ExpectedValue: text(one.expected),
      ActualValue: text(one.actual),
      DifferenceType: one.type,
    })),
  };
}

const text = (value: unknown): string => {
  if (value === undefined) return 'null';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};
