import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';

const bound: unique symbol = Symbol('bound');

/** An emitter, the context that it is bound to, and how it emitted before. */
type Bound = Pick<EventEmitter, 'emit'> & { [bound]?: { within: AsyncResource; before: EventEmitter['emit'] } };

/**
 * Has what an emitter emits heard within the current request, whatever made it emit: a socket belongs to many requests. All emitters
 * share one function, as with one each V8 would keep their requests until it looks through all of the heap.
 */
export function bindToRequest(emitter: Bound): void {
  if (emitter[bound]) return;
  emitter[bound] = { within: new AsyncResource('request'), before: emitter.emit };
  emitter.emit = emit;
}

function emit(this: Bound, ...args: Parameters<EventEmitter['emit']>): boolean {
  const binding = this[bound];
  // The function alone was copied to another emitter.
  if (!binding) return EventEmitter.prototype.emit.apply(this as EventEmitter, args);
  return binding.within.runInAsyncScope(binding.before, this, ...args);
}
