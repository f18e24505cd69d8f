/** An element with its text and what is in it; entities of content and attributes are resolved. */
export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  /** Of its own, without that of its children. */
  text: string;
}

/** The element of a document without doctype, comments and processing instructions. @throws Error when it is not well-formed */
export function parseXml(source: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  const token = /<(\/?)([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/y;
  while (token.lastIndex < source.length) {
    const start = token.lastIndex;
    const match = token.exec(source);
    const parent = open.at(-1)!;
    if (!match) throw new Error(`Not well-formed at ${start}: ${source.slice(start, start + 60)}`);
    const [, closing, name, attributes = '', empty, text] = match;
    if (text !== undefined) parent.text += resolve(text);
    else if (closing) {
      if (open.pop()!.name !== name) throw new Error(`</${name}> at ${start} closes ${parent.name}`);
    } else {
      const element: XmlElement = { name: name!, attributes: attributesOf(attributes), children: [], text: '' };
      parent.children.push(element);
      if (!empty) open.push(element);
    }
  }
  if (open.length !== 1 || root.children.length !== 1 || root.text.trim() !== '') throw new Error('Not one element');
  return root.children[0]!;
}

/** The element and all that are in it, in the order of the document. */
export function descendants(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(descendants)];
}

function attributesOf(source: string): Record<string, string> {
  const pairs = [...source.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
    ([, name, value]) => [name!, resolve(value!)] as const,
  );
  if (new Set(pairs.map(([name]) => name)).size < pairs.length) throw new Error(`An attribute twice: ${source}`);
  return Object.fromEntries(pairs);
}

function resolve(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML forbids them
  if (/[\x00-\x08\x0b\x0c\x0e-\x1f]/.test(text)) throw new Error('A character that XML forbids');
  return text.replace(/&(?:#(\d+);)?/g, (entity, code) => {
    if (code === undefined) throw new Error(`An entity that is not numeric in ${text}`);
    return entity && String.fromCodePoint(Number(code));
  });
}
