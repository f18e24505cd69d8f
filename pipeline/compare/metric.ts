import type { Metric } from '../../analyzer/mod.ts';
import { listDifferences } from './items.ts';

export function metricDifferences(before: Metric, after: Metric): string[] {
  return [
    ...(before.type === after.type ? [] : [`becomes a ${after.type} instead of a ${before.type}`]),
    ...listDifferences('label', labelsOf(before), labelsOf(after)),
  ];
}

function labelsOf({ labels }: Metric): string[] {
  return labels.map(({ name, type }) => `${name} (${type})`);
}
