/** The target of `rel="next"` in Link headers, as in RFC 8288. */
export function nextLink(headers: readonly string[]): string | undefined {
  for (const header of headers)
    for (const [, target, parameters] of header.matchAll(/<([^>]*)>((?:\s*;\s*[^,;<]+)*)/g))
      if (/;\s*rel\s*=\s*"?next"?\s*(;|$)/i.test(parameters!)) return target;
  return undefined;
}
