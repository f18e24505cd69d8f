// Loaded before a peer: spans of its requests by OpenTelemetry's own instrumentation, made and sent by what Fairlead makes and sends them with.
import { registerInstrumentations } from '@opentelemetry/instrumentation';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { exportTraces } from '../../../runtime/tracing/export.ts';

exportTraces({ config: {}, otlp: process.env.COLLECTOR ?? '', ratio: 1 });
registerInstrumentations({ instrumentations: [new HttpInstrumentation()] });
