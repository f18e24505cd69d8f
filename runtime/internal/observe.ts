/** Is told how each call of an endpoint ended: `ok`, or the code of its error. */
export type CallObserver = (service: string, endpoint: string, code: string) => void;

let observer: CallObserver | undefined;

/** Undefined: nobody wants to know. */
export function observeCalls(wanted: CallObserver | undefined): void {
  observer = wanted;
}

export function callObserver(): CallObserver | undefined {
  return observer;
}
