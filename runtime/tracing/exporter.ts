import { ExportResultCode } from '@opentelemetry/core';
import { OTLPExporterBase } from '@opentelemetry/otlp-exporter-base';
import { convertLegacyHttpOptions, createOtlpHttpExportDelegate } from '@opentelemetry/otlp-exporter-base/node-http';
import { JsonTraceSerializer, TraceExporterMetricsHelper } from '@opentelemetry/otlp-transformer';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { receiverAt } from '../internal/receiver.ts';
import log from '../log/mod.ts';

/** How long a batch is sent, again and again where the collector is busy. Milliseconds. */
const patience = 5_000;

/**
 * Sends spans by OTLP over HTTP, as JSON. That nobody takes them is said once, and when they are taken again; what was not taken is lost.
 * @param url of a collector, without `/v1/traces`
 */
export function otlpExporter(url: string): SpanExporter {
  const { href, shown, headers } = receiverAt(`${url.replace(/\/+$/, '')}/v1/traces`);
  const options = convertLegacyHttpOptions({ url: href, headers, timeoutMillis: patience }, 'TRACES', 'v1/traces', {
    'Content-Type': 'application/json',
  });
  const exporter = new OTLPExporterBase<ReadableSpan[]>(
    createOtlpHttpExportDelegate(
      options,
      JsonTraceSerializer,
      'otlp_http_json_span_exporter',
      TraceExporterMetricsHelper,
      undefined,
    ),
  );
  let failing = false;
  const tell = (failed: boolean, error: Error | undefined): void => {
    if (failed && !failing) log.warn(error ?? new Error('no reason was given'), 'traces are not taken', { url: shown });
    if (!failed && failing) log.info('traces are taken again', { url: shown });
    failing = failed;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result) => {
        tell(result.code !== ExportResultCode.SUCCESS, result.error);
        done(result);
      });
    },
    forceFlush: () => exporter.forceFlush(),
    shutdown: () => exporter.shutdown(),
  };
}
