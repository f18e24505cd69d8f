import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { resourceOf } from '../internal/resource.ts';
import type { InfraConfig, Manifest } from '../wire.ts';
import { otlpExporter } from './exporter.ts';
import { Recorder } from './recorder.ts';
import { provideSpans } from './spans.ts';
import { surroundingsOf } from './surroundings.ts';

export interface TracesOptions {
  config: InfraConfig;
  manifest: Manifest;
  /** As the configuration has it. */
  otlp: string;
  /** Of the traces that begin here, those that are kept: from 0 to 1. */
  ratio: number;
}

export interface ExportingTraces {
  /** Sends what has not been sent, as far as the collector takes it soon. */
  stop(): Promise<void>;
}

/** Spans that wait to be sent: more than these are dropped. */
const maxQueueSize = 2048;

/** How long spans wait for others to be sent with. Milliseconds. */
const scheduledDelayMillis = 1_000;

/** How long the end of the process waits for the collector. Milliseconds. */
const patience = 2_000;

/** No longer is any value, be it a statement or a stack. Characters. */
const attributeValueLengthLimit = 8_192;

/**
 * Begins to make spans and sends them to a collector. OpenTelemetry's API is given the same provider, so that what an application's own
 * libraries say to it joins the trace; where the application has set up OpenTelemetry itself, its libraries go on with that.
 */
export function exportTraces({ config, manifest, otlp, ratio }: TracesOptions): ExportingTraces {
  const exporter = otlpExporter(otlp);
  const provider = new TracerProvider({
    resource: resourceFromAttributes(resourceOf(config)),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit },
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize, scheduledDelayMillis })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);
  provideSpans(new Recorder(provider.getTracer('fairlead'), ratio, surroundingsOf(config, manifest)));
  return {
    async stop() {
      provideSpans(undefined);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, patience);
      });
      // That the collector takes nothing is in the log already.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}
