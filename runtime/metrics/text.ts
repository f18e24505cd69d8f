import type { Series } from './series.ts';

/** What `formatText` writes, for the header of the answer. */
export const textType = 'text/plain; version=0.0.4; charset=utf-8';

/** The text format that Prometheus reads: the series of a metric together, after a line with its type. */
export function formatText(series: Iterable<Readonly<Series>>): string {
  const metrics = Map.groupBy(series, ({ name }) => name);
  return [...metrics]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, values]) => [`# TYPE ${name} ${values[0]!.type}`, ...values.map(line), ''].join('\n'))
    .join('');
}

function line({ name, labels, value }: Readonly<Series>): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${labelName(label)}="${escaped(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${number(value)}`;
}

/** Labels are properties of a type, which may have any name. */
export function labelName(label: string): string {
  return label.replace(/[^a-zA-Z0-9_]/g, '_').replace(/^(?=\d)/, '_');
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function number(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
}
