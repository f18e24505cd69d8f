import type { Diagnostic } from '../pipeline/mod.ts';
import type { InputSpecs, Inputs } from './inputs.ts';
import type { Runner } from './runner.ts';

/**
 * One step of a workflow: reads its inputs, runs a use case, says what came out. It touches the world through the Runner alone, so
 * that a test runs it as it is in a simulated one.
 */
export interface Leaf<Specs extends InputSpecs = InputSpecs> {
  /** What it does, in one sentence. */
  description: string;
  inputs: Specs;
  /** What each output says, by its name. */
  outputs: Record<string, string>;
  /** Whether it starts what outlives the job, where environments are on the runner's own machine. @default false */
  outlives?: boolean;
  /** @throws UserError with everything that the user can mend */
  run(inputs: Inputs<Specs>, runner: Runner): Promise<LeafResult>;
}

/** What a leaf comes to. */
export interface LeafResult {
  /** By name; what is not named is empty. */
  outputs: Record<string, string>;
  /** Markdown for the job's page. */
  summary?: string;
  /** Why nothing was done, and what to do about it: shown once, and the step is green. */
  notice?: string;
  /** Errors that make the step fail although it came to its end, such as what could not be removed. */
  failures?: readonly Diagnostic[];
}

/** Ties the inputs that a leaf declares to those its `run` gets. */
export function defineLeaf<const Specs extends InputSpecs>(leaf: Leaf<Specs>): Leaf {
  return leaf as unknown as Leaf;
}
