import { tmpdir } from 'node:os';
import type { CfnResource, Stack } from 'aws-cdk-lib';
import { core } from './library.ts';
import type { Meaning, Template } from './model.ts';

/** A template in the making. Ids of its resources are their logical ids: no construct is within another. */
export interface Draft {
  scope: Stack;
  meanings: Record<string, Meaning>;
}

export function newDraft(): Draft {
  // Nothing is looked up, uploaded or written: a bare tree in memory. Without a directory that is there, each would leave an empty one.
  const app = new core.App({ analyticsReporting: false, stackTraces: false, outdir: tmpdir() });
  return { scope: new core.Stack(app, 'Draft'), meanings: {} };
}

/** Keeps what a resource is to people. Answers the resource. */
export function mean<T extends CfnResource>({ meanings }: Draft, resource: T, meaning: Meaning): T {
  meanings[resource.node.id] = meaning;
  return resource;
}

/** The draft as plain data. Not `App.synth`, which writes files and validates: what is in them comes from here all the same. */
export function templateOf({ scope }: Draft): Template {
  const { _toCloudFormation } = scope as unknown as { _toCloudFormation(this: Stack): unknown };
  return JSON.parse(JSON.stringify(scope.resolve(_toCloudFormation.call(scope)))) as Template;
}
