import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEmitter } from 'node:events';

/** Has what an emitter emits heard within the current request, whatever made it emit: a socket belongs to many requests. */
export function bindToRequest(emitter: Pick<EventEmitter, 'emit'>): void {
  const within = AsyncLocalStorage.snapshot();
  const emit = emitter.emit.bind(emitter);
  emitter.emit = (...args: Parameters<EventEmitter['emit']>) => within(() => emit(...args));
}
