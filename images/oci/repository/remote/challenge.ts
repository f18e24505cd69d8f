/** One way of authentication that a server offers, as in RFC 9110 section 11.6.1. */
export interface Challenge {
  /** In small letters: `basic`, `bearer`. */
  scheme: string;
  /** Names in small letters. */
  parameters: Record<string, string>;
}

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const parameter = new RegExp(`\\s*(${token})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))\\s*`, 'y');
const scheme = new RegExp(`[\\s,]*(${token})(?:\\s+|$|(?=,))`, 'y');

/** Reads the WWW-Authenticate headers of a response; what cannot be read ends its header. */
export function parseChallenges(headers: readonly string[]): Challenge[] {
  return headers.flatMap(parseHeader);
}

function parseHeader(text: string): Challenge[] {
  const found: Challenge[] = [];
  let position = 0;
  const next = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match) position = pattern.lastIndex;
    return match;
  };
  for (let start = next(scheme); start; start = next(scheme)) {
    const challenge: Challenge = { scheme: start[1]!.toLowerCase(), parameters: {} };
    found.push(challenge);
    for (let pair = next(parameter); pair; pair = next(parameter)) {
      challenge.parameters[pair[1]!.toLowerCase()] ??= pair[2]?.replace(/\\(.)/g, '$1') ?? pair[3]!;
      if (!/^\s*,\s*$/.test(takeComma())) break;
    }
  }
  return found;

  /** The comma that another parameter follows; one before another scheme is left for that. */
  function takeComma(): string {
    const comma = /^,\s*/.exec(text.slice(position))?.[0] ?? '';
    const another = new RegExp(`^${token}\\s*=`).test(text.slice(position + comma.length));
    if (another) position += comma.length;
    return another ? comma : '';
  }
}
