/** GitHub says no: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: object[] | undefined;
  readonly headers: Record<string, string>;

  constructor(status: number, message: string, errors?: object[], headers: Record<string, string> = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.errors = errors;
    this.headers = headers;
  }
}
