import { AwsError, type Operation, type World } from '../../model.ts';
import { uuid } from '../../random.ts';
import type { Queue } from './queue.ts';

/** Amazon SQS API Reference, `StartMessageMoveTask`: from a dead-letter queue to where its messages came from, or to one queue. */
export function createMoves(world: World, queues: ReadonlyMap<string, Queue>): Record<string, Operation> {
  const tasks: { handle: string; source: string; destination?: string; moved: number; started: number }[] = [];
  return {
    StartMessageMoveTask({ SourceArn, DestinationArn }: { SourceArn: string; DestinationArn?: string }) {
      const source = queues.get(SourceArn);
      if (!source)
        throw new AwsError(
          'ResourceNotFoundException',
          'The resource that you specified for the SourceArn parameter does not exist.',
        );
      if (![...queues.values()].some(({ redrive }) => redrive?.deadLetterTargetArn === SourceArn))
        throw new AwsError('InvalidParameterValue', 'Source queue must be configured as a Dead Letter Queue.');
      let moved = 0;
      for (const message of source.drain()) {
        const target = queues.get(DestinationArn ?? message.source ?? '');
        if (!target) {
          source.adopt(message);
          continue;
        }
        const { source: _source, ...rest } = message;
        target.adopt(rest);
        moved += 1;
      }
      const handle = Buffer.from(JSON.stringify({ taskId: uuid(world.random), sourceArn: SourceArn })).toString(
        'base64',
      );
      tasks.unshift({
        handle,
        source: SourceArn,
        moved,
        started: world.clock.now(),
        ...(DestinationArn && { destination: DestinationArn }),
      });
      return { TaskHandle: handle };
    },
    ListMessageMoveTasks: ({ SourceArn, MaxResults = 1 }: { SourceArn: string; MaxResults?: number }) => ({
      Results: tasks
        .filter(({ source }) => source === SourceArn)
        .slice(0, MaxResults)
        .map(({ source, destination, moved, started }) => ({
          Status: 'COMPLETED',
          SourceArn: source,
          ...(destination && { DestinationArn: destination }),
          ApproximateNumberOfMessagesMoved: moved,
          ApproximateNumberOfMessagesToMove: moved,
          StartedTimestamp: started,
        })),
    }),
  };
}
