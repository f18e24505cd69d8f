/** What travels: JSON text, or bytes that have yet to show that they are such. */
export type Frame = string | Uint8Array;

/** How a connection ends, in the words of RFC 6455: a status code, and at most 123 bytes of UTF-8. */
export interface Closing {
  code: number;
  reason: string;
}

/** One end of a connection that carries messages, whatever is underneath. */
export interface Channel {
  /** Resolves once there is room for more. @throws APIError when the connection is closed, or the other side takes nothing */
  send(frame: Frame): Promise<void>;
  /** The next that arrived; undefined once the connection is closed and all that came before has been taken. */
  next(): Promise<Frame | undefined>;
  /** Ends the connection after what was sent before; what arrives later is thrown away. Resolves once it is closed. */
  close(closing: Closing): Promise<void>;
  /** Cuts the connection off. */
  abort(): void;
  /** How the connection ended: the other side's words where it had some. */
  readonly closed: Promise<Closing>;
}
