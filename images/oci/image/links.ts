/** Where a link leads to, through all other links: a path in the layer, or what is wrong with it. */
export type Destination = 'inside' | 'outside' | 'loop';

/** As many as Linux follows. */
const mostLinks = 40;

/** @param links the targets of all links of the layer, by their paths */
export function follow(path: string, links: ReadonlyMap<string, string>): Destination {
  const rest = path.split('/');
  const at: string[] = [];
  let followed = 0;
  while (rest.length > 0) {
    const name = rest.shift()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (at.pop() === undefined) return 'outside';
      continue;
    }
    const target = links.get([...at, name].join('/'));
    if (target === undefined) at.push(name);
    else if (target.startsWith('/')) return 'outside';
    else if (++followed > mostLinks) return 'loop';
    else rest.unshift(...target.split('/'));
  }
  return 'inside';
}
