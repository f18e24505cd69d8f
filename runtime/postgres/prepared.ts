const names = new Map<string, string>();

/** A statement that each connection parses and plans once: for a few texts that are run again and again. */
export function prepared(text: string): { name: string; text: string } {
  let name = names.get(text);
  if (name === undefined) {
    name = `fairlead_${names.size}`;
    names.set(text, name);
  }
  return { name, text };
}
