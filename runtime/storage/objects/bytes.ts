import { http } from '../../node.ts';
import { InvalidArgument } from './errors.ts';
import type { ByteSource, UploadStreamOptions } from './options.ts';

/**
 * The chunks of a source, as they come.
 * @throws InvalidArgument for one that is no bytes, and where there are more than `maxSize` @throws the error of the source, and of `signal`
 */
export async function* bytesOf(
  source: ByteSource,
  { maxSize = Number.POSITIVE_INFINITY, signal }: Pick<UploadStreamOptions, 'maxSize' | 'signal'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  signal?.throwIfAborted();
  let size = 0;
  for await (const chunk of signal ? interruptible(source, signal) : source) {
    if (!(chunk instanceof Uint8Array))
      throw new InvalidArgument(`what is uploaded comes as bytes, not as ${typeof chunk}`);
    size += chunk.byteLength;
    if (size > maxSize) throw new InvalidArgument(`the object has more than \`maxSize\` bytes: ${maxSize}`);
    yield chunk;
  }
}

/** Ends also while it waits for a source that gives nothing. */
async function* interruptible(source: ByteSource, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
  try {
    for (let next = await nextOf(iterator, signal); !next.done; next = await nextOf(iterator, signal)) yield next.value;
  } finally {
    // A stream of Node is let go at once; whatever else is waited for, when it gives something. So is a request, which may be answered yet.
    const request = source instanceof http.IncomingMessage;
    if (signal.aborted && !request && 'destroy' in source && typeof source.destroy === 'function') source.destroy();
    // How its end went tells nobody anything: why it was ended is thrown already.
    const closed = Promise.resolve(iterator.return?.()).catch(() => undefined);
    if (!signal.aborted) await closed;
  }
}

function nextOf(iterator: Chunks, signal: AbortSignal): Promise<IteratorResult<Uint8Array, unknown>> {
  return new Promise((resolve, reject) => {
    // It may have come while the backend took a chunk, and comes but once.
    signal.throwIfAborted();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    Promise.resolve(iterator.next())
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', stop));
  });
}

type Chunks = AsyncIterator<Uint8Array, unknown, undefined> | Iterator<Uint8Array, unknown, undefined>;
