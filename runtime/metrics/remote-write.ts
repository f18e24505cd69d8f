import snappy from 'snappyjs';
import { resolveEnv } from '../infra/config.ts';
import { receiverAt } from '../internal/receiver.ts';
import type { PrometheusMetrics } from '../wire.ts';
import type { Destination } from './destination.ts';
import type { Resource } from './otlp.ts';
import { post } from './push.ts';
import type { Series } from './series.ts';
import { labelName } from './text.ts';

/** Prometheus, and whatever takes its remote write 1.0. A user and a password may be in the URL. */
export function remoteWrite({ remote_write_url }: PrometheusMetrics): Omit<Destination, 'interval'> {
  const receiver = receiverAt(resolveEnv(remote_write_url, 'the URL of remote write'));
  const headers = {
    ...receiver.headers,
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  return {
    url: receiver.shown,
    async push(series, { resource, span }) {
      await post(receiver.href, headers, Uint8Array.from(snappy.compress(writeRequest(series, resource, span.now))));
    },
  };
}

/**
 * The message `WriteRequest`: one sample of each series, told apart from that of other processes by `job` and `instance`.
 * @param now milliseconds since 1970
 */
export function writeRequest(series: readonly Readonly<Series>[], resource: Resource, now: number): Buffer {
  const known: Record<string, string | undefined> = {
    job: resource['service.name'],
    instance: resource['service.instance.id'],
    environment: resource['deployment.environment.name'],
  };
  return Buffer.concat(
    series.map(({ name, labels, value }) => {
      const all = { ...known, ...named(labels), __name__: name };
      const pairs = Object.entries(all)
        .filter((pair): pair is [string, string] => !!pair[1])
        .sort(([a], [b]) => (a < b ? -1 : 1));
      const sample = Buffer.concat([double(1, value), varint(2, now)]);
      return bytes(1, Buffer.concat([...pairs.map(label), bytes(2, sample)]));
    }),
  );
}

/** As Prometheus has names. */
function named(labels: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([label, text]) => [labelName(label), text]));
}

function label([name, value]: [string, string]): Buffer {
  return bytes(1, Buffer.concat([bytes(1, Buffer.from(name)), bytes(2, Buffer.from(value))]));
}

// Fields of Protocol Buffers: the number and the wire type, then the value.

function bytes(field: number, value: Buffer): Buffer {
  return Buffer.concat([base128((field << 3) | 2), base128(value.length), value]);
}

function double(field: number, value: number): Buffer {
  const written = Buffer.alloc(9);
  written[0] = (field << 3) | 1;
  written.writeDoubleLE(value, 1);
  return written;
}

function varint(field: number, value: number): Buffer {
  return Buffer.concat([base128(field << 3), base128(value)]);
}

/** Seven bits a byte, the lowest first. Beyond 32 bits there are no bit operations on numbers. */
function base128(value: number): Buffer {
  const digits: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) digits.push((rest % 128) | 128);
  return Buffer.from([...digits, rest]);
}
