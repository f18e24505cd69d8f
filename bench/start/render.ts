import type { StartFigures } from './measure.ts';

export function renderStart({ start, memory, goals }: StartFigures): string {
  const line = (title: string, { fairlead, fastify }: StartFigures['start'], unit: string, goal: number) =>
    `  ${title.padEnd(32)}${fairlead.median.toFixed(0).padStart(6)} ${unit}   fastify ${fastify.median.toFixed(0).padStart(6)} ${unit}   ${(fairlead.median / fastify.median).toFixed(2)} × (goal at most ${goal} ×)`;
  return [
    'The process of the shop, against a bare Fastify with its routes',
    line('start to the first answer', start, 'ms', goals.start),
    line('memory when idle', memory, 'MiB', goals.memory),
    '',
  ].join('\n');
}
