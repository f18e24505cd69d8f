import type { Call, Service, World } from '../../model.ts';
import { Api } from './api.ts';
import { changeSetOperations } from './operations/change-sets.ts';
import { driftOperations } from './operations/drift.ts';
import { readingOperations } from './operations/reading.ts';
import { stackOperations } from './operations/stacks.ts';
import { wishesOf } from './permissions.ts';

/**
 * AWS CloudFormation: stacks, change sets and drift by its API Reference (2010-05-15) and its User Guide. Not modelled: nested stacks,
 * stack sets, imports, macros and transforms, custom resources, stack policies beyond being kept, rollback triggers.
 */
export function createCloudFormation(world: World): Service {
  const api = new Api(world);
  return {
    id: 'cloudformation',
    operations: {
      ...stackOperations(api),
      ...changeSetOperations(api),
      ...readingOperations(api),
      ...driftOperations(api),
    },
    authorize: (operation: string, input: never, call: Call) => wishesOf(api, operation, input, call),
    *tagged() {
      for (const stack of api.stacks.all()) if (stack.settings) yield { arn: stack.id, tags: stack.settings.tags };
    },
    async dispose() {
      for (const stack of api.stacks.all()) {
        if (stack.operation) stack.operation.interrupted = 'superseded';
        stack.operation?.abort.abort();
      }
    },
  };
}
