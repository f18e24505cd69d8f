import { type BuildContext, type BuildOptions, context } from 'esbuild';
import type { Fit } from './fit.ts';

/** How many processes are kept ready to be bundled again: each holds the syntax trees of all that is in its bundle. */
const most = 4;

/**
 * What one bundle of a process leaves for its next one, for who follows sources: what did not fit into the bundle, and the bundler with
 * all files as it has parsed them. A package that fits since the last change stays out of the bundle for as long as the workbench is used.
 */
export class Workbench {
  readonly #fits = new Map<string, Pick<Fit, 'outside' | 'aliases'>>();
  readonly #bundlers = new Map<string, Bundler>();

  /** What did not fit into the last bundle of a process. */
  fitOf(process: string): Pick<Fit, 'outside' | 'aliases'> | undefined {
    return this.#fits.get(process);
  }

  remember(process: string, { outside, aliases }: Pick<Fit, 'outside' | 'aliases'>): void {
    this.#fits.set(process, { outside, aliases });
  }

  forget(process: string): void {
    this.#fits.delete(process);
  }

  /**
   * The bundler that a process was bundled by with the same settings, else a new one, which takes its place. Undefined where there are
   * too many already.
   * @param make the settings of a new one, whose plugins look at what `turn` is at each time
   */
  async bundler<T>(
    process: string,
    settings: string,
    turn: T,
    make: (current: () => T) => BuildOptions,
  ): Promise<BuildContext | undefined> {
    const known = this.#bundlers.get(process);
    if (known?.settings === settings) {
      known.turn = turn;
      return known.context;
    }
    if (!known && this.#bundlers.size >= most) return undefined;
    const place = { settings, turn };
    const replace = async () => {
      await (await known?.context)?.dispose();
      return context(make(() => place.turn));
    };
    const made = Object.assign(place, { context: replace() });
    this.#bundlers.set(process, made);
    return made.context;
  }

  /** Without it the bundler's process stays. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#bundlers.values(), async ({ context }) => (await context).dispose()));
    this.#bundlers.clear();
  }
}

interface Bundler {
  settings: string;
  /** What this very bundle is made of. */
  turn: unknown;
  context: Promise<BuildContext>;
}
