import { APIError, api } from 'encore.dev/api';
import { SQLDatabase } from 'encore.dev/storage/sqldb';
import { orderCreated } from './events';

const db = new SQLDatabase('orders', { migrations: './migrations' });

export interface Order {
  id: number;
  customer: string;
  product: string;
  quantity: number;
  /** In cents. */
  total: number;
  createdAt: Date;
  /** When the customer was told; null until then. */
  confirmedAt: Date | null;
}

interface NewOrder {
  /** An email address. */
  customer: string;
  product: string;
  quantity: number;
}

/** Places an order at the price of the day. */
export const create = api(
  { method: 'POST', path: '/orders', expose: true },
  async ({ customer, product, quantity }: NewOrder): Promise<Order> => {
    if (!Number.isInteger(quantity) || quantity < 1 || quantity > 1000)
      throw APIError.invalidArgument('quantity must be a whole number from 1 to 1000');
    if (`${customer}${product}`.includes('\0')) throw APIError.invalidArgument('text cannot hold a NUL character');
    const order = await db.queryRow<Order>`
      INSERT INTO orders (customer, product, quantity, total)
      SELECT ${customer}::text, name, ${quantity}::int, price * ${quantity}::int FROM products WHERE name = ${product}
      RETURNING id, customer, product, quantity, total, created_at AS "createdAt", confirmed_at AS "confirmedAt"`;
    if (!order) throw APIError.notFound(`there is no product ${product}`);
    await orderCreated.publish({ orderId: order.id, product, total: order.total, createdAt: order.createdAt });
    return order;
  },
);

/** One order. */
export const get = api(
  { method: 'GET', path: '/orders/:id', expose: true },
  async ({ id }: { id: number }): Promise<Order> => {
    if (!Number.isSafeInteger(id)) throw APIError.invalidArgument('id must be a whole number');
    const order = await db.queryRow<Order>`
      SELECT id, customer, product, quantity, total, created_at AS "createdAt", confirmed_at AS "confirmedAt"
      FROM orders WHERE id = ${id}`;
    if (!order) throw APIError.notFound(`there is no order ${id}`);
    return order;
  },
);

/** Notes that the customer was told. Private: other services call it, the outside cannot. The first time counts. */
export const confirm = api(
  { method: 'POST', path: '/orders/:id/confirm' },
  async ({ id }: { id: number }): Promise<void> => {
    await db.exec`UPDATE orders SET confirmed_at = now() WHERE id = ${id} AND confirmed_at IS NULL`;
  },
);
