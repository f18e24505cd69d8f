import { type Answer, request } from './http.ts';

export interface NewOrder {
  product: 'anchor' | 'compass' | 'rope';
  quantity: number;
  note?: string;
}

interface Day {
  orders: number;
  /** In cents. */
  revenue: number;
}

/** The shop as its customers see it, at one URL. */
export class Shop {
  private readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  order(order: NewOrder): Promise<Answer> {
    return request('POST', `${this.url}/orders`, { customer: 'ann@example.com', ...order });
  }

  read(id: number): Promise<Answer> {
    return request('GET', `${this.url}/orders/${id}`);
  }

  /** Asks for the private endpoint. */
  confirm(id: number): Promise<Answer> {
    return request('POST', `${this.url}/orders/${id}/confirm`);
  }

  /** All days together: the story may be told around midnight. */
  async sales(): Promise<Day> {
    const { body } = await request('GET', `${this.url}/analytics/daily`);
    return (body.days as Day[]).reduce(
      (sum, day) => ({ orders: sum.orders + day.orders, revenue: sum.revenue + day.revenue }),
      { orders: 0, revenue: 0 },
    );
  }
}
