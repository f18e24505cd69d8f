import { goals, type HttpFigures, type ServerName, type Throughput } from './measure.ts';

const titles = { hello: 'GET /hello', order: 'POST with query, header and nested body, validated' };

export function renderHttp({ throughput }: HttpFigures): string {
  const lines = Object.entries(throughput).flatMap(([request, byLogs]) =>
    Object.entries(byLogs).flatMap(([logs, servers]) => [
      `${titles[request as keyof typeof titles]}, logs ${logs}: answers in a second of CPU time`,
      ...(Object.entries(servers) as [ServerName, Throughput][]).map(([name, figures]) =>
        line(name, figures, servers.fairlead),
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
