type Fetch = typeof globalThis.fetch;

/**
 * A fetch whose answers are there as a whole, so that a connection that breaks in the middle of one is a request that failed, and
 * not an answer with less in it.
 * @param timeout milliseconds for a request with its answer
 */
export function wholeAnswers(fetch: Fetch, timeout: number): Fetch {
  return async (url, init) => {
    const response = await fetch(url, { ...init, signal: init?.signal ?? AbortSignal.timeout(timeout) });
    const bytes = await response.arrayBuffer();
    const { status, statusText, headers } = response;
    if (headers.get('content-type')?.includes('json') && !isJson(bytes)) throw new Error('the answer was cut off');
    const whole = new Response(bytes.byteLength === 0 ? null : bytes, { status, statusText, headers: [...headers] });
    return Object.defineProperty(whole, 'url', { value: response.url });
  };
}

function isJson(bytes: ArrayBuffer): boolean {
  if (bytes.byteLength === 0) return true;
  try {
    JSON.parse(new TextDecoder().decode(bytes));
    return true;
  } catch {
    return false;
  }
}
