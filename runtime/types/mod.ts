export { Decimal } from './decimal.ts';
export type { DurationString } from './duration.ts';
