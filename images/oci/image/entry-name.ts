/** What a file system of Linux takes: 255 bytes for a name, 4096 for a path with its end. */
const longest = { name: 255, path: 4095 };

/** Why no layer can hold a file at this path; undefined when one can. */
export function problemOfName(path: string): string | undefined {
  if (path === '') return 'it has no name';
  if (path.includes('\0')) return 'its name has a NUL character';
  if (!path.isWellFormed()) return 'its name is not valid Unicode';
  if (path.includes('\\')) return 'its name has a backslash';
  if (path.startsWith('/')) return 'its path is absolute';
  if (Buffer.byteLength(path) > longest.path) return `its path is longer than ${longest.path} bytes`;
  return path.split('/').map(problemOfSegment).find(Boolean);
}

function problemOfSegment(name: string): string | undefined {
  if (name === '..') return 'its path leads out with `..`';
  if (name === '' || name === '.') return 'its path is not in its shortest form';
  if (Buffer.byteLength(name) > longest.name) return `a name in its path is longer than ${longest.name} bytes`;
  // In a layer such a name removes what a lower layer has.
  if (name.startsWith('.wh.')) return 'a name that begins with `.wh.` removes files of lower layers';
  return undefined;
}
