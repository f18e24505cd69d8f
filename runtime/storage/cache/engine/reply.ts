/** Text whose characters stand for bytes, from 0 to 255: what keys, values and arguments are made of. */
export type Binary = string;

/** What a command answers. A `bigint` is a whole number that a `number` cannot hold exactly. */
export type EngineReply = Binary | number | bigint | null | Status | EngineReply[];

/** A word that says how it went, apart from values. */
export interface Status {
  readonly status: string;
}

export const ok: Status = { status: 'OK' };

/** What a server of Redis says when a command fails; `message` begins with the word that clients look at. */
export class ReplyError extends Error {
  override readonly name: string = 'ReplyError';
}

export const wrongType = (): ReplyError =>
  new ReplyError('WRONGTYPE Operation against a key holding the wrong kind of value');
export const notInteger = (): ReplyError => new ReplyError('ERR value is not an integer or out of range');
export const notFloat = (): ReplyError => new ReplyError('ERR value is not a valid float');
export const notPositive = (): ReplyError => new ReplyError('ERR value is out of range, must be positive');
export const syntaxError = (): ReplyError => new ReplyError('ERR syntax error');
export const outOfMemory = (): ReplyError => new ReplyError("OOM command not allowed when used memory > 'maxmemory'.");
export const tooLong = (): ReplyError => new ReplyError('ERR string exceeds maximum allowed size (proto-max-bulk-len)');
export const wrongArity = (command: string): ReplyError =>
  new ReplyError(`ERR wrong number of arguments for '${command}' command`);
