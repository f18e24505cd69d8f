import { api } from 'encore.dev/api';
import { CronJob } from 'encore.dev/cron';
import { Subscription } from 'encore.dev/pubsub';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
import { type OrderCreated, orderCreated } from '../orders/events';

const db = new SQLDatabase('analytics', { migrations: './migrations' });

interface Day {
  /** `2026-01-31`, in UTC. */
  day: string;
  orders: number;
  /** In cents. */
  revenue: number;
}

interface Daily {
  days: Day[];
}

/** Orders and revenue per day, the newest first: the days rolled up so far and the sales since. */
export const daily = api({ method: 'GET', path: '/analytics/daily', expose: true }, async (): Promise<Daily> => {
  const days = await db.queryAll<Day>`
      SELECT to_char(day, 'YYYY-MM-DD') AS day, sum(orders)::bigint AS orders, sum(revenue)::bigint AS revenue
      FROM (
        SELECT day, orders, revenue FROM days
        UNION ALL
        SELECT day, 1, total FROM sales WHERE NOT rolled_up
      ) AS both_parts
      GROUP BY day ORDER BY day DESC`;
  return { days };
});

/** Adds the sales since the last time to their days: one statement, so that no sale counts twice or never. */
export const rollUp = api({}, async (): Promise<void> => {
  await db.exec`
    WITH fresh AS (
      UPDATE sales SET rolled_up = true WHERE NOT rolled_up RETURNING day, total
    )
    INSERT INTO days (day, orders, revenue)
    SELECT day, count(*), sum(total) FROM fresh GROUP BY day
    ON CONFLICT (day) DO UPDATE
    SET orders = days.orders + excluded.orders, revenue = days.revenue + excluded.revenue`;
});

const _rollUp = new CronJob('roll-up-sales', { title: 'Roll up sales', every: '1h', endpoint: rollUp });

/** A message may arrive again: the order's id is the key. */
async function recordSale({ orderId, total, createdAt }: OrderCreated): Promise<void> {
  await db.exec`
    INSERT INTO sales (order_id, day, total)
    VALUES (${orderId}, (${createdAt}::timestamptz AT TIME ZONE 'UTC')::date, ${total})
    ON CONFLICT (order_id) DO NOTHING`;
}

const _recordSale = new Subscription(orderCreated, 'record-sale', { handler: recordSale });
