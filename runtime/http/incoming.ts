import type { IncomingMessage } from 'node:http';
import { APIError } from '../api/error.ts';
import { RawRequest } from '../api/raw.ts';

/** What a body that is too long or breaks off is refused with. */
export function unreadable(why: string): APIError {
  return APIError.invalidArgument(`unable to read request body: ${why}`);
}

/** A body that is being taken. */
interface Taking {
  chunks: Buffer[];
  length: number;
  maximum: number;
  resolve(body: Buffer): void;
  reject(error: APIError): void;
}

/**
 * A request as this server makes it. Its body can be taken as it arrives: for a small one, what a stream does until its end costs
 * more than all that is done to it afterwards. Who wants the stream has it as ever.
 */
export class Incoming extends RawRequest {
  #taking: Taking | undefined;

  /** The whole body, of at most so many bytes; undefined where its stream has begun, or it is the request of another server. */
  static take(request: IncomingMessage, maximum: number): Promise<Buffer> | undefined {
    if (!(#taking in request) || request.complete || request.destroyed || request.readableLength > 0) return undefined;
    return new Promise((resolve, reject) => {
      request.#taking = { chunks: [], length: 0, maximum, resolve, reject };
      // It is read from now on, and nobody has to throw it away.
      request._read(0);
    });
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    const taking = this.#taking;
    if (!taking) return super.push(chunk, encoding);
    if (chunk === null) return this.#end(taking);
    taking.length += chunk.length;
    taking.chunks.push(chunk);
    if (taking.length <= taking.maximum) return true;
    // What is too much goes through the stream, for whoever throws it away.
    this.#taking = undefined;
    taking.reject(unreadable('length limit exceeded'));
    return super.push(chunk, encoding);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    this.#taking?.reject(unreadable('aborted'));
    this.#taking = undefined;
    super._destroy(error, callback);
  }

  #end({ chunks, length, resolve }: Taking): boolean {
    this.#taking = undefined;
    resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
    return this.#close();
  }

  /** Ends the stream that nothing went through. Node has a way for requests without a body that emits nothing, and not in all its versions. */
  #close(): boolean {
    const { _dumpAndCloseReadable } = this as { _dumpAndCloseReadable?: () => void };
    if (_dumpAndCloseReadable) {
      _dumpAndCloseReadable.call(this);
      return true;
    }
    this.resume();
    return super.push(null);
  }
}
