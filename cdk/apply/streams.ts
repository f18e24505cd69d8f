import type { Graph, Reporter } from '../../pipeline/mod.ts';
import type { AwsSettings } from '../model.ts';

/** Warns of streams that nobody outside can open: without a domain requests come through API Gateway, which has no WebSockets. */
export function warnOfStreams(
  { services }: Pick<Graph, 'services'>,
  { domain }: Pick<AwsSettings, 'domain'>,
  report: Pick<Reporter, 'warn'>,
): void {
  const streams = services.flatMap(({ name, endpoints }) =>
    endpoints.filter(({ kind, exposed }) => kind === 'stream' && exposed).map((endpoint) => `${name}.${endpoint.name}`),
  );
  if (domain || streams.length === 0) return;
  report.warn(
    `Nobody outside can open the streams ${streams.join(', ')}: API Gateway has no WebSockets. They need a Foundation with \`aws.domain\`.`,
  );
}
