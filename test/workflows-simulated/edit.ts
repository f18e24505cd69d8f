import type { Files } from '../harness/model.ts';

/** Changes one file, and throws when the text to be changed is not there any more. */
export function edit(file: string, from: string | RegExp, to: string): (files: Files) => Files {
  return (files) => {
    const text = files[file];
    if (text === undefined) throw new Error(`there is no ${file}`);
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${file} has no ${String(from)}`);
    return { ...files, [file]: changed };
  };
}
