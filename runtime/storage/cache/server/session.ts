import { createHash, timingSafeEqual } from 'node:crypto';
import { type Engine, specOf } from '../engine/engine.ts';
import { type Binary, ok, ReplyError, syntaxError, wrongArity } from '../engine/reply.ts';
import { encodeArray, encodeMap, encodeReply, type Protocol } from './replies.ts';

/** A cluster that clients reach by its name as their user, and its password. */
export interface ServedCluster {
  name: string;
  password: string;
  engine: Engine;
}

/** One connection: who is at the other end, and the transaction that is being told. Text in, text out. */
export class Session {
  /** True when the client has said goodbye. */
  ended = false;
  readonly #find: (name: string) => ServedCluster | undefined;
  #protocol: Protocol = 2;
  #cluster: ServedCluster | undefined;
  /** Absent outside of a transaction. */
  #queue: (readonly Binary[])[] | undefined;
  /** A command of the transaction was refused when it was told. */
  #broken = false;

  constructor(find: (name: string) => ServedCluster | undefined) {
    this.#find = find;
  }

  get authenticated(): boolean {
    return this.#cluster !== undefined;
  }

  /** What goes over the wire as the answer. */
  answer(request: readonly Binary[]): Binary {
    try {
      return this.#answer(request);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      if (this.#queue) this.#broken = true;
      return encodeReply(error, this.#protocol);
    }
  }

  #answer(request: readonly Binary[]): Binary {
    const [name = '', ...args] = request;
    switch (name.toUpperCase()) {
      case 'AUTH':
        if (args.length === 0 || args.length > 2) throw wrongArity('auth');
        this.#authenticate(args.length === 2 ? args[0]! : 'default', args.at(-1)!);
        return this.#say('OK');
      case 'HELLO':
        return this.#hello(args);
      case 'QUIT':
        this.ended = true;
        return this.#say('OK');
      default:
        return this.#answerKnown(this.#served(), request);
    }
  }

  #answerKnown({ engine }: ServedCluster, request: readonly Binary[]): Binary {
    const [name = '', ...args] = request;
    switch (name.toUpperCase()) {
      case 'PING':
        return args.length === 0 ? this.#say('PONG') : encodeReply(args[0]!, this.#protocol);
      case 'SELECT':
        if (args[0] !== '0') throw new ReplyError('ERR DB index is out of range');
        return this.#say('OK');
      case 'CLIENT':
        // Names that clients give themselves, which nobody reads.
        return this.#say('OK');
      case 'MULTI':
        if (this.#queue) throw new ReplyError('ERR MULTI calls can not be nested');
        this.#queue = [];
        this.#broken = false;
        return this.#say('OK');
      case 'DISCARD':
        if (!this.#queue) throw new ReplyError('ERR DISCARD without MULTI');
        this.#queue = undefined;
        return this.#say('OK');
      case 'EXEC':
        return this.#execute(engine);
      default:
        if (this.#queue) {
          specOf(request);
          this.#queue.push(request);
          return this.#say('QUEUED');
        }
        return encodeReply(engine.run([request])[0]!, this.#protocol);
    }
  }

  #execute(engine: Engine): Binary {
    const queue = this.#queue;
    if (!queue) throw new ReplyError('ERR EXEC without MULTI');
    this.#queue = undefined;
    if (this.#broken) throw new ReplyError('EXECABORT Transaction discarded because of previous errors.');
    try {
      return encodeArray(engine.run(queue), this.#protocol);
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      throw new ReplyError(`EXECABORT Transaction discarded because of: ${error.message}`);
    }
  }

  /** `HELLO [version [AUTH user password] [SETNAME name]]` */
  #hello([version, ...words]: Binary[]): Binary {
    if (version !== undefined && version !== '2' && version !== '3')
      throw new ReplyError('NOPROTO unsupported protocol version');
    for (let index = 0; index < words.length; ) {
      const word = words[index]!.toUpperCase();
      const length = word === 'AUTH' ? 3 : word === 'SETNAME' ? 2 : 0;
      if (length === 0 || index + length > words.length) throw syntaxError();
      if (word === 'AUTH') this.#authenticate(words[index + 1]!, words[index + 2]!);
      index += length;
    }
    this.#served();
    if (version !== undefined) this.#protocol = version === '3' ? 3 : 2;
    // The version of Redis whose answers the engine gives.
    const self = { server: 'fairlead', version: '7.0.0', proto: this.#protocol, mode: 'standalone', role: 'master' };
    return encodeMap(self, this.#protocol);
  }

  #authenticate(user: Binary, password: Binary): void {
    const cluster = this.#find(user);
    if (!cluster || !isSame(password, cluster.password))
      throw new ReplyError('WRONGPASS invalid username-password pair or user is disabled.');
    this.#cluster = cluster;
  }

  /** The cluster of this connection, unless it has been taken away or has another password since. */
  #served(): ServedCluster {
    const cluster = this.#cluster && this.#find(this.#cluster.name);
    if (cluster && cluster === this.#cluster) return cluster;
    throw new ReplyError('NOAUTH Authentication required.');
  }

  #say(status: string): Binary {
    return encodeReply(status === 'OK' ? ok : { status }, this.#protocol);
  }
}

/** In a time that tells nothing of where they differ. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
