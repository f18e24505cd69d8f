/** How many characters from the start of a line its hash covers. */
const length = 100;
const base = 37n;
const top = base ** BigInt(length);
const endOfFile = 0xffff;

/**
 * A hash of each line of a text that stays when the line moves: the fingerprints by which GitHub code scanning knows a result again
 * (`primaryLocationLineHash`), the same that its upload action makes of the file.
 *
 * Each covers a hundred characters from the start of the line on, spaces and tabs left out, as a polynomial modulo 2^64, in hex; `:2`
 * after it says that it is the second line of the file with that hash. The first entry is line 1.
 */
export function lineHashes(text: string): string[] {
  const { codes, starts } = characters(text);
  const counts = new Map<string, number>();
  const hashes: string[] = [];
  let hash = 0n;
  for (let at = 0; at < codes.length + length; at++) {
    const leaving = at < length ? 0 : codes[at - length]!;
    hash = BigInt.asUintN(64, hash * base + BigInt(codes[at] ?? 0) - top * BigInt(leaving));
    if (!starts.has(at - length + 1)) continue;
    const hex = hash.toString(16);
    const count = (counts.get(hex) ?? 0) + 1;
    counts.set(hex, count);
    hashes.push(`${hex}:${count}`);
  }
  return hashes;
}

/** What counts of a text, every line end as one `\n`, and where in it the lines start. */
function characters(text: string): { codes: number[]; starts: Set<number> } {
  const codes: number[] = [];
  const starts = new Set([0]);
  for (const character of text.replace(/\r\n?/g, '\n').replace(/[ \t]/g, '').split('')) {
    codes.push(character.charCodeAt(0));
    if (character === '\n') starts.add(codes.length);
  }
  return { codes: [...codes, endOfFile], starts };
}
