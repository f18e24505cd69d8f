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
  /** As the configuration has it. */
  otlp: string;
  /** Of the traces that begin here, those that are kept: from 0 to 1. */
  ratio: number;
}

export interface ExportingTraces {
  /** From now on spans are made of what the process does; before, only what the application asks for is a span. */
  record(manifest: Manifest): void;
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
 * Sends spans to a collector. OpenTelemetry's API is given the provider that makes them, so that what an application's own libraries say
 * to it joins the trace.
 */
export function exportTraces({ config, otlp, ratio }: TracesOptions): ExportingTraces {
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
  return {
    record(manifest) {
      provideSpans(new Recorder(provider.getTracer('fairlead'), ratio, surroundingsOf(config, manifest)));
    },
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
