/** Where telemetry is sent. */
export interface Receiver {
  /** Without credentials, which `fetch` does not take. */
  href: string;
  /** For the log: without what may be secret. */
  shown: string;
  /** With the credentials of the URL, where it has some. */
  headers: Record<string, string>;
}

/** A user and a password may be in the URL, and keys in its query. @throws TypeError when it is none */
export function receiverAt(text: string): Receiver {
  const url = new URL(text);
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  url.username = '';
  url.password = '';
  return {
    href: url.href,
    shown: `${url.origin}${url.pathname}`,
    headers: credentials === ':' ? {} : { authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
  };
}
