import { isUnreachable } from '../unavailable.ts';

/** Of PostgreSQL: connection exceptions, and a server that shuts down, has crashed or is starting. */
const codes = /^(?:08\w{3}|57P0[1-3])$/;

/** The same code says that a pooler has no connection, and that a statement was given the wrong number of parameters. */
const miscounted = /^(?:bind message |invalid message format)/;

/** What the driver says without a code. */
const messages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** Whether the connection could not be had, or was lost: what it was to do may have been done. */
export function isLost(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (code === '08P01' && miscounted.test(error.message)) return false;
  return (code === undefined ? messages.test(error.message) : codes.test(code)) || isUnreachable(error);
}
