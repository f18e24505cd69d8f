import type { IncomingMessage } from 'node:http';

// As in `runtime/http/head.ts`: the runtime is a package of its own and shares no code with the rest of the kit.

/** Of a host and its port, in whatever notation (RFC 9110, 7.2); it may be empty. */
const host = /^[\w.~%!$&'()*+,;=:[\]-]*$/;

/** What keeps a request from being passed on, which would have one host where the client said several (RFC 9112, 3.2). */
export function flawOf({ rawHeaders }: IncomingMessage): string | undefined {
  const hosts = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === 'host');
  if (hosts.length > 1) return 'more than one header Host';
  return hosts.every((value) => host.test(value)) ? undefined : 'the header Host names no host';
}
