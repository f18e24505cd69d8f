import { Topic } from 'encore.dev/pubsub';

export interface OrderCreated {
  orderId: number;
  product: string;
  /** In cents. */
  total: number;
  createdAt: Date;
}

export const orderCreated = new Topic<OrderCreated>('order-created', { deliveryGuarantee: 'at-least-once' });
