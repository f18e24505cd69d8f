import { receiverAt } from '../internal/receiver.ts';
import type { Destination } from './destination.ts';
import { metricsRequest } from './otlp.ts';
import { post } from './push.ts';

/** A collector of OTLP over HTTP. @param base its URL, without `/v1/metrics` */
export function collector(base: string): Omit<Destination, 'interval'> {
  const { href, shown, headers } = receiverAt(`${base.replace(/\/+$/, '')}/v1/metrics`);
  return {
    url: shown,
    async push(series, { resource, span }) {
      const body = JSON.stringify(metricsRequest(series, resource, span));
      const { rejectedDataPoints, errorMessage } = partialSuccess(
        await post(href, { ...headers, 'content-type': 'application/json' }, body),
      );
      if (Number(rejectedDataPoints ?? 0) > 0)
        throw new Error(`the collector refused ${rejectedDataPoints}: ${errorMessage}`);
    },
  };
}

/** What a collector says that has taken a part; one that has taken everything may say anything. */
function partialSuccess(text: string): { rejectedDataPoints?: string | number; errorMessage?: string } {
  try {
    return (JSON.parse(text) as { partialSuccess?: object } | null)?.partialSuccess ?? {};
  } catch {
    return {};
  }
}
