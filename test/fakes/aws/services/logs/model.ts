import type { Service } from '../../model.ts';

export interface LogEvent {
  id: string;
  /** Milliseconds since 1970, as the writer says. */
  timestamp: number;
  ingested: number;
  message: string;
}

export interface Stream {
  name: string;
  created: number;
  events: LogEvent[];
}

export interface Group {
  name: string;
  /** Without `:*` at its end. */
  arn: string;
  account: string;
  region: string;
  created: number;
  /** Days. */
  retention?: number;
  deletionProtection: boolean;
  tags: Record<string, string>;
  streams: Map<string, Stream>;
}

export interface Logs extends Service {
  readonly id: 'logs';
  /** By ARN. */
  groups: Map<string, Group>;
}
