/** Files to serve. Every value is a literal, since the analyzer reads it; paths are relative to the declaring file. */
export interface StaticOptions {
  /** May end in `*name` or `!name`, which stands for the path within the directory. @default `/<service>.<endpoint>` */
  path?: string;
  /** Reachable from outside. @default false */
  expose?: boolean;
  /** Asks for an authenticated caller. @default false */
  auth?: boolean;
  /** The directory that holds the files. */
  dir: string;
  /** The file that answers for what is not there. */
  notFound?: string;
  /** The status that `notFound` is sent with. @default 404 */
  notFoundStatus?: number;
  /** Added to every answer. */
  headers?: Record<string, string | string[]>;
}

/** An endpoint that serves files. */
export class StaticAssets {
  readonly options: StaticOptions;

  constructor(options: StaticOptions) {
    this.options = options;
  }
}
