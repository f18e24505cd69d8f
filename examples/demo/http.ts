export interface Answer {
  status: number;
  /** The JSON object of the body; empty when there is none. */
  body: Record<string, unknown>;
}

/** One request, one answer, both with JSON; a status that says error is an answer like any other. */
export async function request(method: 'GET' | 'POST', url: string, body?: object): Promise<Answer> {
  const response = await fetch(url, {
    method,
    ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Answer['body']) };
}
