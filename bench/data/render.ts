import { type DataFigures, works } from './measure.ts';

export function renderData({ took, goals }: DataFigures): string {
  const lines = Object.entries(works).map(([name, { title, times }]) => {
    const { fairlead, pg } = took[name as keyof typeof took];
    const ratio = fairlead.median / pg.median;
    const figures = `  ${title.padEnd(44)}${fairlead.median.toFixed(0).padStart(7)} ms   pg ${pg.median.toFixed(0).padStart(7)} ms   ${ratio.toFixed(2)} ×`;
    if (name !== 'publish') return `${figures} (goal at most ${goals.sql} ×)`;
    return `${figures}   ${((times / fairlead.median) * 1000).toFixed(0)} messages a second (goal ${goals.messages})`;
  });
  return ['Data, against the driver of PostgreSQL alone', ...lines, ''].join('\n');
}
