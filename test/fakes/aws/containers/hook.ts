/**
 * Runs in each process of a container before its own code, by `--import`. A container has a network of its own: what it listens on and
 * what it calls 127.0.0.1 is its task's address, and names of Cloud Map are known to it.
 */
import dns from 'node:dns';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import tls from 'node:tls';
import { ownCertificate } from '../services/tls/certificate.ts';
import { realOf } from './loopback.ts';

export interface HookSettings {
  /** Answers `/names/NAME` with addresses, one a line; 404: nobody knows it. */
  control: string;
  address: string;
  /** Of all containers of the task. */
  ports: number[];
}

type Options = { host?: string | undefined; port?: number | string | undefined };
// biome-ignore lint/suspicious/noExplicitAny: signatures of Node with many forms.
type Any = any;

const { control, address, ports } = JSON.parse(process.env.FAKE_AWS_TASK ?? '{}') as HookSettings;
const own = new Set([undefined, '', '0.0.0.0', '::', '::1', '127.0.0.1', 'localhost']);

/** Where a connection goes, or a server listens. */
function placed({ host, port }: Options): Options {
  const number = Number(port);
  if (own.has(host) && ports.includes(number)) return realOf(address, number);
  if (host?.startsWith('127.') && host !== '127.0.0.1') return realOf(host, number);
  return { host, port };
}

/** The arguments of `connect` and `listen` in all their forms, with the place changed. */
function moved(args: Any[]): Any[] {
  const [first, second, ...rest] = args;
  if (Array.isArray(first)) {
    if (typeof first[0]?.port === 'undefined') return args;
    first[0] = { ...first[0], ...placed(first[0]) };
    return args;
  }
  if (typeof first === 'object' && first !== null)
    return first.port === undefined ? args : [{ ...first, ...placed(first) }, second, ...rest];
  if (typeof first !== 'number' && !/^\d+$/.test(String(first))) return args;
  const hasHost = typeof second === 'string';
  const { host, port } = placed({ host: hasHost ? second : undefined, port: first });
  return hasHost ? [port, host, ...rest] : host === undefined ? args : [port, host, second, ...rest];
}

if (control) {
  // A fake that was killed can end no container: whoever started this one is then no longer its parent.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || process.kill(process.pid, 'SIGKILL'), 1_000).unref();

  const connect = net.Socket.prototype.connect as Any;
  net.Socket.prototype.connect = function (this: net.Socket, ...args: Any[]) {
    return connect.apply(this, moved(args));
  } as Any;
  const listen = net.Server.prototype.listen as Any;
  net.Server.prototype.listen = function (this: net.Server, ...args: Any[]) {
    return listen.apply(this, moved(args));
  } as Any;

  const lookup = dns.lookup as Any;
  dns.lookup = ((name: string, ...rest: Any[]) => {
    const done = rest.at(-1);
    const options = typeof rest[0] === 'object' ? rest[0] : {};
    if (net.isIP(name) || !name.includes('.')) return lookup(name, ...rest);
    known(name).then(
      (found) => {
        if (!found) return lookup(name, ...rest);
        if (found.length === 0)
          return done(Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND', hostname: name }));
        const all = found.map((one) => ({ address: one, family: 4 }));
        return options.all ? done(null, all) : done(null, found[0], 4);
      },
      () => lookup(name, ...rest),
    );
  }) as Any;
  const promised = dns.promises.lookup as Any;
  dns.promises.lookup = (async (name: string, options: Any = {}) => {
    const found = net.isIP(name) || !name.includes('.') ? undefined : await known(name);
    if (!found?.[0]) return promised(name, options);
    const all = found.map((one) => ({ address: one, family: 4 }));
    return options.all ? all : all[0];
  }) as Any;
  // Who trusts the authorities of AWS alone trusts the fake's servers here.
  const context = tls.createSecureContext as Any;
  tls.createSecureContext = ((options: Any = {}) =>
    context(
      options.ca === undefined ? options : { ...options, ca: [options.ca, ownCertificate().cert].flat() },
    )) as Any;
  syncBuiltinESMExports();
}

/** Undefined: it is none of the fake's names. */
async function known(name: string): Promise<string[] | undefined> {
  const response = await fetch(`${control}/names/${encodeURIComponent(name)}`);
  const text = await response.text();
  return response.ok ? text.split('\n').filter(Boolean) : undefined;
}
