/** What GitHub can do and this harness cannot. A test that meets it fails, whatever the workflow would make of a failure. */
export class NotModelled extends Error {
  constructor(what: string) {
    super(`the harness does not model ${what}`);
    this.name = 'NotModelled';
  }
}

/** A workflow that GitHub would refuse to start: the run ends as a startup failure. */
export class StartupFailure extends Error {
  override name = 'StartupFailure';
}
