import { isDeepStrictEqual, styleText } from 'node:util';
import { table } from './table.ts';

/** Something is not as it should be. */
export class Unexpected extends Error {
  override readonly name = 'Unexpected';
}

/** Tells the story as it happens, checks each claim it makes, and remembers how long the steps took. */
export class Telling {
  private readonly steps: { title: string; milliseconds: number }[] = [];
  private claims = 0;

  /** Runs a step and prints its title and its time. */
  async step(title: string, work: () => Promise<void>): Promise<void> {
    console.log(`\n${styleText('bold', `${this.steps.length + 1}. ${title}`)}`);
    const begin = performance.now();
    await work();
    this.steps.push({ title, milliseconds: performance.now() - begin });
  }

  /** Claims a fact. @throws Unexpected when it is not one. */
  expect(fact: string, actual: unknown, expected: unknown): void {
    if (!isDeepStrictEqual(actual, expected)) {
      throw new Unexpected(`${fact}\nexpected: ${JSON.stringify(expected)}\nactual:   ${JSON.stringify(actual)}`);
    }
    this.claims++;
    console.log(`   ${styleText('green', '✔')} ${fact}`);
  }

  /** Claims a fact that takes a moment to become one: asks again until it is, for up to 30 seconds. */
  async eventually<T>(fact: string, ask: () => Promise<T>, expected: T): Promise<void> {
    const deadline = performance.now() + 30_000;
    let actual = await ask();
    while (!isDeepStrictEqual(actual, expected) && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      actual = await ask();
    }
    this.expect(fact, actual, expected);
  }

  /** Prints what a user would see somewhere else. */
  show(where: string, text: string): void {
    console.log(`\n   ${styleText('dim', where)}`);
    for (const line of text.trimEnd().split('\n')) console.log(`   ${styleText('dim', '│')} ${line}`);
    console.log();
  }

  /** The steps with their times. */
  summary(): string {
    const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;
    const total = this.steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    return table([
      ...this.steps.map(({ title, milliseconds }, index) => [`${index + 1}`, title, seconds(milliseconds)]),
      ['', `${this.claims} facts checked`, seconds(total)],
    ]);
  }
}
