/** How a stream is reached: a GET request that becomes a WebSocket. Every value is a literal, since the analyzer reads it. */
export interface StreamOptions {
  /** Segments are literals, `:name`, `*name` (the rest) or `!name` (a fallback). @default `/<service>.<endpoint>` */
  path?: string;
  /** Reachable from outside. @default false */
  expose?: boolean;
  /** Asks for an authenticated caller. @default false */
  auth?: boolean;
  /** What middleware and clients choose endpoints by. @default none */
  tags?: string[];
  /** Keeps messages out of traces. @default false */
  sensitive?: boolean;
}

/** Messages that arrive, one by one; the iteration ends with the connection. */
export interface StreamIn<In> extends AsyncIterable<In> {
  /** The next message. Rejects once the connection is closed. */
  recv(): Promise<In>;
}

/** Takes messages for the other side. */
export interface StreamOut<Out> {
  /** Resolves when there is room for more. Rejects once the connection is closed. */
  send(msg: Out): Promise<void>;
  /** Ends the stream; once more does nothing. */
  close(): Promise<void>;
}

/** Messages in both directions. */
export interface StreamInOut<In, Out> extends StreamIn<In>, StreamOut<Out> {}

/** What the caller of a `streamIn` endpoint holds: it sends messages, and is answered once at the end. */
export interface StreamOutWithResponse<Out, Response> extends StreamOut<Out> {
  /** Resolves to the answer. Rejects with the failure of the handler, or of the connection. */
  response(): Promise<Response>;
}
