import log from '../log/mod.ts';
import { currentContext } from '../request.ts';
import { abort } from './invoke.ts';

/**
 * Takes what no code of the application caught, each with the request that it belongs to. A promise that was left alone harms
 * nobody but its own request. An exception may have left anything half done: the process finishes what can be finished, and ends
 * with 1. @returns lets go of it
 */
export function catchUncaught(stop: () => Promise<void>): () => void {
  const onRejection = (reason: unknown): void => log.error(reason, 'unhandled rejection');
  const onException = (error: unknown): void => {
    log.error(error, 'uncaught exception');
    const context = currentContext();
    if (context) abort(context, error);
    void stop().finally(() => process.exit(1));
  };
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  return () => {
    process.off('unhandledRejection', onRejection);
    process.off('uncaughtException', onException);
  };
}
