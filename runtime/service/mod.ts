/** Names the service of a directory: the default export of its `encore.service.ts`. */
export class Service {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}
