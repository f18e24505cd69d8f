/** One segment of an endpoint's path. */
export interface Segment {
  kind: 'literal' | 'param' | 'wildcard' | 'fallback';
  text: string;
}

const kinds: Record<string, Segment['kind']> = { ':': 'param', '*': 'wildcard', '!': 'fallback' };

/** The segments of `/orders/:id`, or what is wrong with the path. */
export function parsePath(path: string): Segment[] | { wrong: string } {
  if (/^[a-z][a-z0-9+.-]*:/i.test(path) || path.startsWith('//')) return { wrong: 'it holds a scheme or a host' };
  if (!path.startsWith('/')) return { wrong: 'it does not start with a slash' };
  if (path.includes('?')) return { wrong: "it holds query parameters (the '?' character)" };
  if (path.includes('#')) return { wrong: "it holds a fragment (the '#' character)" };
  if (/\s/.test(path)) return { wrong: 'it holds white space' };
  if (path === '/') return [];
  if (/^\/__(encore|fairlead)(\/|$)/.test(path)) return { wrong: 'what begins so is answered before any endpoint' };
  const segments = path.slice(1).split('/').map(segmentOf);
  return wrongSegments(segments) ?? segments;
}

function segmentOf(text: string): Segment {
  const kind = kinds[text[0] ?? ''];
  return kind ? { kind, text: text.slice(1) } : { kind: 'literal', text };
}

function wrongSegments(segments: Segment[]): { wrong: string } | undefined {
  const names = new Set<string>();
  for (const [index, { kind, text }] of segments.entries()) {
    const last = index === segments.length - 1;
    if (kind === 'literal') {
      if (text === '') return { wrong: last ? 'it ends in a slash' : 'it has an empty segment' };
      if (/[*%]/.test(text) || text === '.' || text === '..')
        return {
          wrong: `no request can have the segment \`${text}\` (\`*\`, \`%\`, \`.\` and \`..\` mean something of their own)`,
        };
      continue;
    }
    if (!/^[\p{ID_Start}_$][\p{ID_Continue}$]*$/u.test(text))
      return { wrong: text === '' ? 'a parameter has no name' : `\`${text}\` cannot be the name of a parameter` };
    if (names.has(text)) return { wrong: `the parameter \`${text}\` is there twice` };
    names.add(text);
    if (kind === 'wildcard' && !last) return { wrong: 'a wildcard (`*name`) is not its last segment' };
    if (kind === 'fallback' && !last) return { wrong: 'a fallback (`!name`) is not its last segment' };
  }
  return undefined;
}

/** Paths of one shape match the same requests: names of parameters do not tell them apart. */
export function shapeOf(segments: readonly Segment[]): string {
  return segments.map(({ kind, text }) => (kind === 'literal' ? `/${text}` : `/{${kind}}`)).join('');
}

export function parameterNames(segments: readonly Segment[]): string[] {
  return segments.filter(({ kind }) => kind !== 'literal').map(({ text }) => text);
}
