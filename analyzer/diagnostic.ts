/**
 * A 1-based number of a line or column.
 * @asType integer
 * @minimum 1
 */
type Ordinal = number;

/** A place in the application's source. */
export interface Position {
  /**
   * Relative to the application's root, with `/`.
   * @minLength 1
   */
  file: string;
  line: Ordinal;
  column: Ordinal;
  /** Where the marked text ends, on the same or a later line. Absent when only a point is known. */
  endLine?: Ordinal;
  endColumn?: Ordinal;
}

/** `FL` and four digits: 1xxx analysis, 2xxx build, 3xxx pipeline, 4xxx this machine, 5xxx command line, 6xxx runtime. */
export type Code = `FL${number}`;

/** One thing that is wrong with what the user wrote or has, as plain data. `docs/errors.md` has a section per code. */
export interface Diagnostic {
  code: Code;
  severity: 'error' | 'warning';
  /** One sentence: what is wrong. No trailing full stop is added later. */
  message: string;
  /** One sentence: what to do about it. */
  help: string;
  position?: Position;
  /** Other places that belong to it, such as the first of two declarations of one name. */
  related?: { message: string; position: Position }[];
}

/** What the user can mend. Anything else that is thrown is a bug of ours. Thrown early, caught once at the edge. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: Diagnostic | readonly Diagnostic[], options?: ErrorOptions) {
    const all = Array.isArray(diagnostics) ? diagnostics : [diagnostics as Diagnostic];
    super(all.map((d) => `${d.code}: ${d.message}`).join('\n'), options);
    this.diagnostics = all;
  }
}
