/** The exchange of SCRAM-SHA-256 as pg does it. Texts are the bodies of the messages. */
declare module 'pg/lib/crypto/sasl.js' {
  export interface Session {
    mechanism: string;
    /** What the client says next. */
    response: string;
  }
  /** @throws Error when the server offers no mechanism that is known */
  export function startSession(mechanisms: string[], stream: null): Session;
  /** @throws Error for an answer that no server gives that knows the password */
  export function continueSession(session: Session, password: string, serverData: string, stream: null): Promise<void>;
  /** @throws Error for a server that does not know the password */
  export function finalizeSession(session: Session, serverData: string): void;
}
