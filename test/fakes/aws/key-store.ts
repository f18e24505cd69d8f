import type { Credentials, IssuedKeys, Principal, Random, Session } from './model.ts';

const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** "IAM identifiers: unique identifiers": `AKIA` begins a lasting access key, `ASIA` one of a session. */
export class KeyStore implements Credentials {
  readonly #random: Random;
  readonly #keys = new Map<string, IssuedKeys & { principal: Principal }>();
  /** May do everything in its account. */
  readonly root: IssuedKeys;

  constructor(random: Random, account: string) {
    this.#random = random;
    this.root = this.#keep('AKIA', { kind: 'root', account });
  }

  issue(session: Session): Required<IssuedKeys> {
    return this.#keep('ASIA', session, this.#random.text(120, base64));
  }

  find(accessKeyId: string): (IssuedKeys & { principal: Principal }) | undefined {
    return this.#keys.get(accessKeyId);
  }

  #keep(prefix: string, principal: Principal): IssuedKeys;
  #keep(prefix: string, principal: Principal, sessionToken: string): Required<IssuedKeys>;
  #keep(prefix: string, principal: Principal, sessionToken?: string): IssuedKeys {
    const accessKeyId = prefix + this.#random.text(16, upper);
    const keys = { accessKeyId, secretAccessKey: this.#random.text(40, base64), ...(sessionToken && { sessionToken }) };
    this.#keys.set(accessKeyId, { ...keys, principal });
    return keys;
  }
}
