import { AsyncResource } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

const bound: unique symbol = Symbol('bound');

/** An emitter, the context that it is bound to, and how it emitted before. */
type Bound = Pick<EventEmitter, 'emit'> & { [bound]?: { within: AsyncResource; emit: EventEmitter['emit'] } };

/**
 * Has what an emitter emits heard within the current request, whatever made it emit: a socket belongs to many requests. All emitters
 * share one function, as with one each V8 would keep their requests until it looks through all of the heap.
 */
export function bindToRequest(emitter: Bound): void {
  emitter[bound] = { within: new AsyncResource('request'), emit: emitter.emit };
  emitter.emit = emit;
}

function emit(this: Bound, ...args: Parameters<EventEmitter['emit']>): boolean {
  const { within, emit } = this[bound]!;
  return within.runInAsyncScope(emit, this, ...args);
}
