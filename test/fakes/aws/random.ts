import type { Random } from './model.ts';

const lettersAndDigits = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** The mulberry32 generator: small, and the same everywhere. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
  const text = (length: number, alphabet = lettersAndDigits) =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]).join('');
  return { next, text };
}

const hex = '0123456789abcdef';

/** In the form of a UUID of version 4. */
export function uuid(random: Random): string {
  const [a, b, c, d] = [random.text(8, hex), random.text(4, hex), random.text(3, hex), random.text(3, hex)];
  return `${a}-${b}-4${c}-a${d}-${random.text(12, hex)}`;
}
