/** A set of which a random member costs as much as a known one: constant time for everything. */
export class RandomSet {
  readonly #members: string[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#members.length;
  }

  get members(): readonly string[] {
    return this.#members;
  }

  has(member: string): boolean {
    return this.#places.has(member);
  }

  /** False when it was there. */
  add(member: string): boolean {
    if (this.#places.has(member)) return false;
    this.#places.set(member, this.#members.length);
    this.#members.push(member);
    return true;
  }

  /** False when it was not there. The last member takes its place. */
  delete(member: string): boolean {
    const place = this.#places.get(member);
    if (place === undefined) return false;
    const last = this.#members.pop()!;
    this.#places.delete(member);
    if (last !== member) {
      this.#members[place] = last;
      this.#places.set(last, place);
    }
    return true;
  }

  /** @param random from 0 to less than 1 */
  sample(random: () => number): string | undefined {
    return this.#members[Math.floor(random() * this.#members.length)];
  }

  /** Different members, `count` or all, in no order. Costs as much as what it gives. */
  samples(count: number, random: () => number): string[] {
    if (count >= this.size) return [...this.#members];
    // A shuffle that ends after `count` steps, of which only the exchanges are written down.
    const moved = new Map<number, number>();
    return Array.from({ length: count }, (_, index) => {
      const other = index + Math.floor(random() * (this.size - index));
      const place = moved.get(other) ?? other;
      moved.set(other, moved.get(index) ?? index);
      return this.#members[place]!;
    });
  }
}
