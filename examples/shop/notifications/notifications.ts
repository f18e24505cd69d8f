import { Subscription } from 'encore.dev/pubsub';
import { orders } from '~encore/clients';
import { type OrderCreated, orderCreated } from '../orders/events';
import { send } from './mail';

/** Tells the customer, once: a message may arrive again, an order that is confirmed is left alone. */
async function confirmOrder({ orderId }: OrderCreated): Promise<void> {
  const order = await orders.get({ id: orderId });
  if (order.confirmedAt) return;
  send({ id: `order-${order.id}`, to: order.customer, subject: `Your order: ${order.quantity} × ${order.product}` });
  await orders.confirm({ id: order.id });
}

const _ = new Subscription(orderCreated, 'confirm-order', {
  handler: confirmOrder,
  retryPolicy: { minBackoff: '1s', maxBackoff: '1m', maxRetries: 10 },
});
