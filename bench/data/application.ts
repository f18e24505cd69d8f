/** The application that is measured, with what does the same by the driver alone. By path. */
export const application: Record<string, string> = {
  'encore.app': '{ "id": "bench", "lang": "typescript" }\n',
  'package.json': '{ "name": "bench", "type": "module", "private": true }\n',
  'data/migrations/1_rows.up.sql': `CREATE TABLE rows (id int PRIMARY KEY, name text NOT NULL, at timestamptz NOT NULL DEFAULT now());
INSERT INTO rows (id, name) SELECT n, 'row ' || n FROM generate_series(1, 1000) AS n;
CREATE TABLE bare_queue (id bigserial PRIMARY KEY, body jsonb NOT NULL);
`,
  'data/sql.ts': `import { api, type Query } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
import { Pool } from 'pg';

const db = new SQLDatabase('data', { migrations: './migrations' });

interface Asked {
  times: Query<number>;
}

interface Took {
  /** Milliseconds. */
  took: number;
  rows: number;
}

async function timed(times: number, once: (id: number) => Promise<number>): Promise<Took> {
  let rows = 0;
  const began = performance.now();
  for (let n = 0; n < times; n += 1) rows += await once((n % 1000) + 1);
  return { took: performance.now() - began, rows };
}

export const oneOfOurs = api({ method: 'GET', path: '/one/fairlead', expose: true }, ({ times }: Asked): Promise<Took> =>
  timed(times, async (id) => ((await db.queryRow\`SELECT id, name, at FROM rows WHERE id = \${id}\`) ? 1 : 0)),
);

export const manyOfOurs = api({ method: 'GET', path: '/many/fairlead', expose: true }, ({ times }: Asked): Promise<Took> =>
  timed(times, async (id) => {
    let rows = 0;
    for await (const _row of db.query\`SELECT id, name, at FROM rows WHERE id > \${id - 1000} ORDER BY id\`) rows += 1;
    return rows;
  }),
);

/** As an application has it that uses the driver itself: made at its first use, since the address is known at run time. */
let pool: Pool | undefined;
const bare = () => (pool ??= new Pool({ connectionString: db.connectionString, max: 30 }));

export const oneBare = api({ method: 'GET', path: '/one/pg', expose: true }, ({ times }: Asked): Promise<Took> =>
  timed(times, async (id) => (await bare().query('SELECT id, name, at FROM rows WHERE id = $1', [id])).rows.length),
);

export const manyBare = api({ method: 'GET', path: '/many/pg', expose: true }, ({ times }: Asked): Promise<Took> =>
  timed(times, async (id) => {
    const { rows } = await bare().query('SELECT id, name, at FROM rows WHERE id > $1 ORDER BY id', [id - 1000]);
    let seen = 0;
    for (const _row of rows) seen += 1;
    return seen;
  }),
);

/** Each message is a row that is there before the next one of its publisher, and goes in a transaction: the least that durable can be. */
export const queueBare = api({ method: 'GET', path: '/publish/pg', expose: true }, async ({ times }: Asked): Promise<Took> => {
  const began = performance.now();
  const publisher = async (most: number) => {
    for (let n = 0; n < most; n += 1) await bare().query('INSERT INTO bare_queue (body) VALUES ($1)', [{ n, text: 'a message' }]);
  };
  const consumer = async (most: number) => {
    let seen = 0;
    while (seen < most) {
      const { rows } = await bare().query(
        'DELETE FROM bare_queue WHERE id IN (SELECT id FROM bare_queue ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED) RETURNING body',
      );
      seen += rows.length;
    }
    return seen;
  };
  const [rows] = await Promise.all([consumer(times), ...Array.from({ length: 20 }, () => publisher(times / 20))]);
  return { took: performance.now() - began, rows };
});
`,
  'events/events.ts': `import { api, type Query } from 'encore.dev/api';
import { Subscription, Topic } from 'encore.dev/pubsub';

interface Event {
  n: number;
  text: string;
}

const events = new Topic<Event>('events', { deliveryGuarantee: 'at-least-once' });

let handled = 0;
let all: (() => void) | undefined;
let wanted = 0;

new Subscription(events, 'count', {
  handler: async () => {
    handled += 1;
    if (handled >= wanted) all?.();
  },
});

/** Publishes as many messages, each publisher one after the other, and waits until the last one is handled. */
export const publish = api(
  { method: 'GET', path: '/publish/fairlead', expose: true },
  async ({ times }: { times: Query<number> }): Promise<{ took: number; rows: number }> => {
    handled = 0;
    wanted = times;
    const began = performance.now();
    const done = new Promise<void>((resolve) => {
      all = resolve;
    });
    const publisher = async () => {
      for (let n = 0; n < times / 20; n += 1) await events.publish({ n, text: 'a message' });
    };
    await Promise.all([done, ...Array.from({ length: 20 }, publisher)]);
    return { took: performance.now() - began, rows: handled };
  },
);
`,
};
