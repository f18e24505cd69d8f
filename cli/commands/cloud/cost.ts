import type { Context, Result } from '../../context.ts';
import { paint } from '../../paint.ts';
import { table } from '../../table.ts';
import { openCloud } from './open.ts';

/** What an environment costs while it is as it is now. */
export async function cost(context: Context, { env }: { env: string }): Promise<Result> {
  const { cloud, environment } = await openCloud(context, env);
  const { monthly, items, source } = await cloud.cost(environment);
  const rows = items.map((item): string[] => [item.what, dollars(item.monthly)]);
  return {
    document: { environment, monthly, items, source },
    text: [
      `${paint('bold', env)} costs ${paint('bold', dollars(monthly))} a month:`,
      ...(rows.length > 0 ? [table([['what', 'USD/month'], ...rows])] : []),
      paint('dim', source),
    ].join('\n'),
  };
}

function dollars(amount: number): string {
  return `$${amount.toFixed(2)}`;
}
