/** Something outside the code keeps the process from starting; `docs/errors.md` has a section per code. */
export class StartError extends Error {
  override readonly name = 'StartError';
  readonly code: `FL6${number}`;
  readonly help: string;

  constructor(code: `FL6${number}`, message: string, help: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.help = help;
  }
}
