/** Where an environment of this machine has the files of an image, as stacks name it. */
const image = /(?:file:\/\/)?\/[^()\s]*\/images\/sha256-[0-9a-f]{64}\//g;

/** Names files by their paths in the application, as an editor knows them. */
export function withoutImages(text: string): string {
  return text.replace(image, '');
}
