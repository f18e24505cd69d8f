export { type Handover, handoverBuilder, type OpenHandoverOptions, openHandover } from './open.ts';
export { handoverLayout, writeHandover } from './write.ts';
