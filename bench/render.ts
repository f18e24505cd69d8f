import type { AnalysisFigures, ApplicationFigures } from './analysis.ts';
import type { FuzzFigures } from './fuzz.ts';
import type { CostSample } from './measure-process.ts';
import type { PreviewFigures } from './preview.ts';
import type { Sample } from './sample.ts';

type Row = [string, Sample];

export function renderAnalysis({ applications, goals }: AnalysisFigures): string {
  const shop = applications[0]!;
  const hundred = applications.find(({ services }) => services === 100);
  const worst = Math.max(...applications.map(({ ratio }) => ratio.memory));
  return [
    ...applications.slice(0, 1).flatMap(renderApplication),
    '',
    'Generated applications, medians',
    ...columns([
      [
        'services',
        'endpoints',
        'cold',
        'TypeScript 6',
        'wall',
        'CPU',
        'memory',
        'cold CPU',
        'per service',
        'unchanged CPU',
        'one changed CPU',
      ],
      ...applications.slice(1).map(growthRow),
    ]),
    '',
    verdict('shop: fairlead graph / TypeScript 6', shop.ratio.wall, goals.wall),
    verdict('the highest of memory / memory of TypeScript 6', worst, goals.memory),
    ...(hundred
      ? [verdict('100 services: fairlead graph / TypeScript 6', hundred.ratio.wall, goals.wallOfHundred)]
      : []),
    ...(hundred
      ? [
          `  100 services, one file changed / cold: CPU ${fixed(hundred.oneChanged.cpu.median / hundred.cold.cpu.median)}, for information`,
        ]
      : []),
    verdict('shop, nothing changed: CPU time in ms', shop.unchanged.cpu.median, goals.unchanged),
  ].join('\n');
}

function renderApplication(figures: ApplicationFigures): string[] {
  const { name, cold, unchanged, oneChanged, typescript6, typescript7, ratio } = figures;
  const rows: [string, CostSample][] = [
    ['fairlead graph --format json, cold', cold],
    ['the same, nothing changed', unchanged],
    ['the same, one file changed', oneChanged],
    ['tsc --noEmit (TypeScript 6)', typescript6],
  ];
  return [
    '',
    `Analysis of ${name}, in a process of its own`,
    ...table([
      ...rows.map(([label, { wall }]): Row => [label, wall]),
      ...(typescript7 ? [['tsc --noEmit (TypeScript 7, for information)', typescript7] satisfies Row] : []),
    ]),
    '',
    '  CPU time',
    ...table(rows.map(([label, { cpu }]): Row => [label, cpu])),
    '',
    '  Memory at most',
    ...table(
      rows.map(([label, { memory }]): Row => [label, memory]),
      'MiB',
    ),
    `  fairlead graph / TypeScript 6: wall ${fixed(ratio.wall)}, CPU ${fixed(ratio.cpu)}, memory ${fixed(ratio.memory)}`,
  ];
}

function growthRow({
  services,
  endpoints,
  cold,
  typescript6,
  ratio,
  unchanged,
  oneChanged,
}: ApplicationFigures): string[] {
  const milliseconds = ({ median }: Sample) => `${whole(median)} ms`;
  return [
    String(services),
    String(endpoints),
    milliseconds(cold.wall),
    milliseconds(typescript6.wall),
    ...[ratio.wall, ratio.cpu, ratio.memory].map((figure) => `× ${fixed(figure)}`),
    milliseconds(cold.cpu),
    `${(cold.cpu.median / services).toFixed(1)} ms`,
    milliseconds(unchanged.cpu),
    milliseconds(oneChanged.cpu),
  ];
}

export function renderFuzz({ cases, seconds, slowest, findings }: FuzzFigures): string {
  const second = `${Math.round(seconds)} s, the slowest ${Math.round(slowest.milliseconds)} ms (seed ${slowest.seed})`;
  return [
    `${cases} mutated applications in ${second}: ${findings.length === 0 ? 'nothing found' : `${findings.length} found`}`,
    ...findings.map(({ seed, failure, changes }) => `\nseed ${seed}: ${changes.slice(0, 1000)}\n${failure}`),
  ].join('\n');
}

export function renderPreview(figures: PreviewFigures): string {
  const { push, build, migrations, node, phases, ratio, deployRatio, goal } = figures;
  return [
    '',
    'Push to a preview that answers, PostgreSQL running already',
    ...table([
      ['fairlead preview, until the new release answers', push],
      ['  of which from the sources to images', build],
      ['  of which the migrations', migrations],
      ['node main.mjs of the same bundle, until it answers', node],
    ]),
    verdict('(fairlead preview − migrations) / node', ratio, goal),
    `  (fairlead preview − migrations − from the sources to images) / node = ${deployRatio.toFixed(2)}, for information`,
    '',
    'What a push consists of, in order',
    ...table(phases.map(({ name, sample }): Row => [name, sample])),
    '',
  ].join('\n');
}

function table(rows: Row[], unit = 'ms'): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const runs = rows[0]?.[1].runs ?? 0;
  return [
    `  ${`median of ${runs}, min – max`.padStart(width + 34)}`,
    ...rows.map(([name, { median, min, max }]) => {
      const range = `${whole(min)} – ${whole(max)}`;
      return `  ${name.padEnd(width)}  ${`${whole(median)} ${unit}`.padStart(10)}  ${range.padStart(20)}`;
    }),
  ];
}

/** Right-aligned columns; the first row is the heading. */
export function columns(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padStart(widths[column]!)).join('  ')}`);
}

function fixed(ratio: number): string {
  return ratio.toFixed(2);
}

export function verdict(what: string, ratio: number, goal: number): string {
  return `  ${what} = ${fixed(ratio)}, goal at most ${goal}: ${ratio <= goal ? 'met' : 'not met'}`;
}

function whole(figure: number): string {
  return Math.round(figure).toString();
}
