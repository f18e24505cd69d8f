import type { Edit } from './repository.ts';

/** Pull request 1, first push: an order takes a note; one migration that old code can live with. */
export const giftNotes: Edit[] = [
  { file: 'orders/migrations/2_add_note.up.sql', content: 'ALTER TABLE orders ADD COLUMN note text;\n' },
  {
    file: 'orders/orders.ts',
    find: '  customer: string;\n  product: string;\n  quantity: number;\n  /** In cents. */',
    replace: '  customer: string;\n  product: string;\n  quantity: number;\n  note: string | null;\n  /** In cents. */',
  },
  {
    file: 'orders/orders.ts',
    find: '  product: string;\n  quantity: number;\n}',
    replace: '  product: string;\n  quantity: number;\n  /** Goes on the gift card. */\n  note?: string;\n}',
  },
  {
    file: 'orders/orders.ts',
    find: 'async ({ customer, product, quantity }: NewOrder)',
    replace: 'async ({ customer, product, quantity, note }: NewOrder)',
  },
  {
    file: 'orders/orders.ts',
    find: `INSERT INTO orders (customer, product, quantity, total)
      SELECT \${customer}::text, name, \${quantity}::int, price * \${quantity}::int FROM products WHERE name = \${product}
      RETURNING id, customer, product, quantity, total,`,
    replace: `INSERT INTO orders (customer, product, quantity, note, total)
      SELECT \${customer}::text, name, \${quantity}::int, \${note}::text, price * \${quantity}::int
      FROM products WHERE name = \${product}
      RETURNING id, customer, product, quantity, note, total,`,
  },
  {
    file: 'orders/orders.ts',
    find: 'SELECT id, customer, product, quantity, total,',
    replace: 'SELECT id, customer, product, quantity, note, total,',
  },
];

/** Pull request 1, second push: what the reviewer asked for. */
export const noteLimit: Edit[] = [
  {
    file: 'orders/orders.ts',
    find: '    const order = await db.queryRow<Order>`\n      INSERT',
    replace: `    if (note && note.length > 80) throw APIError.invalidArgument('note must fit on a card: 80 characters');
    const order = await db.queryRow<Order>\`
      INSERT`,
  },
];

/** A release that analyzes and builds, and falls over when it starts. */
export const brokenStart: Edit[] = [
  {
    file: 'orders/orders.ts',
    find: "const db = new SQLDatabase('orders'",
    replace:
      "if (!process.env.CARD_PRINTER_URL) throw new Error('CARD_PRINTER_URL is not set');\n\nconst db = new SQLDatabase('orders'",
  },
];
