import type { NormalizedSchema } from '@smithy/core/schema';

/** "Smithy: timestampFormat trait". */
export type TimeFormat = 'date-time' | 'http-date' | 'epoch-seconds';

// As the SDK numbers them.
const formats: Record<number, TimeFormat> = { 5: 'date-time', 6: 'http-date', 7: 'epoch-seconds' };

/** @param usual the format of this place, when the shape names none */
export function timeText(shape: NormalizedSchema, value: Date | number | string, usual: TimeFormat): string {
  const date = new Date(value);
  const format = formats[shape.getSchema() as number] ?? usual;
  if (format === 'http-date') return date.toUTCString();
  if (format === 'epoch-seconds') return String(date.getTime() / 1000);
  return date.toISOString().replace('.000Z', 'Z');
}

export function readTime(shape: NormalizedSchema, text: string, usual: TimeFormat): Date {
  const format = formats[shape.getSchema() as number] ?? usual;
  return format === 'epoch-seconds' ? new Date(Number(text) * 1000) : new Date(text);
}
