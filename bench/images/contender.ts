import type { CommandCost } from './measure-command.ts';

/** A way from the shop's sources to an image in a registry, with stores of its own, which were empty when it was opened. */
export interface Contender extends AsyncDisposable {
  name: string;
  /** Which versions and settings were measured. */
  detail: string;
  /** The directory with the sources, which are changed between two runs. */
  sources: string;
  /** From the sources to the registry. */
  buildAndPush(): Promise<CommandCost>;
  /** The image with the whole application that was pushed last: repository and tag. */
  pushed(): Promise<{ repository: string; tag: string }>;
}

/** Where all of them push to, and what they build on. */
export interface Place {
  /** `127.0.0.1:PORT` */
  host: string;
  /** Name of the base image, which is in the same registry. */
  base: string;
  /** An empty directory. */
  directory: string;
}
