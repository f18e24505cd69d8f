import type { AnalysisFigures } from './analysis.ts';
import type { PreviewFigures } from './preview.ts';
import type { Sample } from './sample.ts';

type Row = [string, Sample];

export function renderAnalysis({ fairlead, typescript6, typescript7, ratio, goal }: AnalysisFigures): string {
  return [
    '',
    'Analysis of examples/shop, cold process',
    ...table([
      ['fairlead graph --format json', fairlead],
      ['tsc --noEmit (TypeScript 6)', typescript6],
      ['tsc --noEmit (TypeScript 7, for information)', typescript7],
    ]),
    verdict('fairlead graph / TypeScript 6', ratio, goal),
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

function table(rows: Row[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  const runs = rows[0]?.[1].runs ?? 0;
  return [
    `  ${`median of ${runs}, min – max`.padStart(width + 34)}`,
    ...rows.map(([name, { median, min, max }]) => {
      const range = `${whole(min)} – ${whole(max)}`;
      return `  ${name.padEnd(width)}  ${`${whole(median)} ms`.padStart(10)}  ${range.padStart(20)}`;
    }),
  ];
}

function verdict(what: string, ratio: number, goal: number): string {
  return `  ${what} = ${ratio.toFixed(2)}, goal at most ${goal}: ${ratio <= goal ? 'met' : 'not met'}`;
}

function whole(milliseconds: number): string {
  return Math.round(milliseconds).toString();
}
