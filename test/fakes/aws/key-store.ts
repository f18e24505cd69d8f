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
    this.root = this.#keep({ kind: 'root', account }, this.#make('AKIA'));
  }

  issue(session: Session): Required<IssuedKeys> {
    return this.#keep(session, { ...this.#make('ASIA'), sessionToken: this.#random.text(120, base64) });
  }

  find(accessKeyId: string): (IssuedKeys & { principal: Principal }) | undefined {
    return this.#keys.get(accessKeyId);
  }

  #make(prefix: string) {
    return { accessKeyId: prefix + this.#random.text(16, upper), secretAccessKey: this.#random.text(40, base64) };
  }

  #keep<K extends IssuedKeys>(principal: Principal, keys: K): K {
    this.#keys.set(keys.accessKeyId, { ...keys, principal });
    return keys;
  }
}
