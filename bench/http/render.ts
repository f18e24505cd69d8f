import { goals, type HttpFigures, type ServerName, type Telling, type Throughput, tellings } from './measure.ts';

const titles = { hello: 'GET /hello', order: 'POST with query, header and nested body, validated' };

const told: Record<Telling, string> = {
  off: 'logs and traces off',
  logs: 'a line of log each',
  traces: 'a trace each',
};

export function renderHttp({ throughput }: HttpFigures): string {
  const lines = Object.entries(throughput).flatMap(([request, byTelling]) =>
    tellings.flatMap((telling) => [
      `${titles[request as keyof typeof titles]}, ${told[telling]}: answers in a second of CPU time`,
      ...(Object.entries(byTelling[telling]) as [ServerName, Throughput][]).map(([name, figures]) =>
        line(name, figures, byTelling[telling].fairlead!),
      ),
      '',
    ]),
  );
  return lines.join('\n');
}

function line(name: ServerName, { perSecond, p99 }: Throughput, ours: Throughput): string {
  const figures = `  ${name.padEnd(9)}${perSecond.median.toFixed(0).padStart(8)}   p99 ${p99.median.toFixed(1).padStart(5)} ms`;
  if (name === 'fairlead') return figures;
  const ratio = ours.perSecond.median / perSecond.median;
  return `${figures}   fairlead is ${ratio.toFixed(2)} × (goal ${goals[name].toFixed(1)})`;
}
