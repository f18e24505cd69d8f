/** A decimal number without rounding in sums and products: `value` is `digits / 10^scale`. Travels as decimal text. */
export class Decimal {
  readonly #digits: bigint;
  readonly #scale: number;

  /** @throws RangeError when the value is no finite decimal number */
  constructor(value: string | number | bigint) {
    const match = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i.exec(String(value).trim());
    const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
    const scale = fraction.length - Number(exponent);
    if (whole + fraction === '' || Math.abs(scale) > 16_383) throw new RangeError(`not a decimal number: ${value}`);
    const digits = BigInt(`${sign === '-' ? '-' : ''}${BigInt(whole + fraction)}`) * 10n ** BigInt(Math.max(0, -scale));
    [this.#digits, this.#scale] = normalize(digits, Math.max(0, scale));
  }

  /** Decimal digits, without zeros at the end of the fraction. */
  get value(): string {
    const text = (this.#digits < 0n ? -this.#digits : this.#digits).toString().padStart(this.#scale + 1, '0');
    const at = text.length - this.#scale;
    const sign = this.#digits < 0n ? '-' : '';
    return this.#scale === 0 ? sign + text : `${sign}${text.slice(0, at)}.${text.slice(at)}`;
  }

  /** Exact. */
  add(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = this.#align(from(other));
    return make(a + b, scale);
  }

  /** Exact. */
  sub(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = this.#align(from(other));
    return make(a - b, scale);
  }

  /** Exact. */
  mul(other: Decimal | string | number | bigint): Decimal {
    const b = from(other);
    return make(this.#digits * b.#digits, this.#scale + b.#scale);
  }

  /** Exact where the quotient ends; else to 28 places more than the operands have, cut off. @throws RangeError by zero */
  div(other: Decimal | string | number | bigint): Decimal {
    const [a, b, scale] = this.#align(from(other));
    if (b === 0n) throw new RangeError('division by zero');
    return make((a * 10n ** BigInt(scale + 28)) / b, scale + 28);
  }

  /** `value` */
  toString(): string {
    return this.value;
  }

  /** `value`: text, so that no digit is lost. */
  toJSON(): string {
    return this.value;
  }

  #align(other: Decimal): [bigint, bigint, number] {
    const scale = Math.max(this.#scale, other.#scale);
    return [
      this.#digits * 10n ** BigInt(scale - this.#scale),
      other.#digits * 10n ** BigInt(scale - other.#scale),
      scale,
    ];
  }
}

function from(value: Decimal | string | number | bigint): Decimal {
  return value instanceof Decimal ? value : new Decimal(value);
}

function make(digits: bigint, scale: number): Decimal {
  return new Decimal(`${digits}e-${scale}`);
}

function normalize(digits: bigint, scale: number): [bigint, number] {
  let [d, s] = [digits, scale];
  while (s > 0 && d % 10n === 0n) [d, s] = [d / 10n, s - 1];
  return [d, s];
}
