/** What one character of a name has to be, or `*` for any number of any. */
type Part = '*' | ((character: string) => boolean);

/**
 * Whether a name matches a glob of one segment: `*`, `?`, and characters in brackets, which `!` or `^` negates. A bracket without
 * an end matches nothing. Takes at most as many steps as the lengths multiplied.
 */
export function matchesGlob(glob: string, name: string): boolean {
  const parts = partsOf(glob);
  if (!parts) return false;
  const characters = [...name];
  let [part, at] = [0, 0];
  /** The last `*`, and where what comes after it was tried: only that can be tried again, one character later. */
  let star: { part: number; at: number } | undefined;
  while (at < characters.length) {
    const fits = parts[part];
    if (fits === '*') {
      star = { part, at };
      part++;
    } else if (fits?.(characters[at]!)) {
      part++;
      at++;
    } else if (star) {
      star.at++;
      [part, at] = [star.part + 1, star.at];
    } else return false;
  }
  return parts.slice(part).every((rest) => rest === '*');
}

/** The parts of a glob; undefined when a bracket of it has no end. */
function partsOf(glob: string): Part[] | undefined {
  const parts: Part[] = [];
  for (const [text, set] of glob.matchAll(/\[([!^]?\]?[^\]]*)\]|\*+|[\s\S]/gu)) {
    if (text === '[') return undefined;
    if (set !== undefined) parts.push(inSet(set));
    else if (text.startsWith('*')) parts.push('*');
    else parts.push(text === '?' ? () => true : (character) => character === text);
  }
  return parts;
}

/** `a-z_` → whether a character is one of these. */
function inSet(set: string): (character: string) => boolean {
  const negated = /^[!^]/.test(set);
  const members = [...set.slice(negated ? 1 : 0).matchAll(/([\s\S])(?:-([\s\S]))?/gu)];
  return (character) => members.some(([, low = '', high = low]) => low <= character && character <= high) !== negated;
}
