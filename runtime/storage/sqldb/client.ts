import type { Row } from './queries.ts';

/** What of the driver's connection is used here, in words that applications can read without the driver's declarations. */
export interface Client {
  /** `command` is the first word of what the server says that it did. */
  query(text: string, values?: unknown[]): Promise<{ rows: Row[]; command: string }>;
  /** @param destroy closes the connection instead of keeping it for the next user */
  release(destroy?: boolean): void;
}
