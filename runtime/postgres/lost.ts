import { markUnavailable } from '../unavailable.ts';

/** Of PostgreSQL: connection exceptions, and a server that shuts down, has crashed or is starting. Of the network: nobody there. */
const codes =
  /^(?:08\w{3}|57P0[1-3]|ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT)$/;

/** What the driver says without a code. */
const messages =
  /^(?:Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/**
 * Does what needs a connection. The driver's error stays as it is; when the connection could not be had, or was lost, a call that lets it
 * through ends as `unavailable`. @param what is not reached: `database orders`
 */
export function reaching<T>(what: string, work: () => Promise<T>): Promise<T> {
  return work().catch((error: unknown) => {
    if (isLost(error)) markUnavailable(error, `${what} cannot be reached`);
    throw error;
  });
}

/** Whether the connection could not be had, or was lost: what it was to do may have been done. */
export function isLost(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? messages.test(error.message) : codes.test(code);
}
