import { isAbsolute, relative } from 'node:path';
import { slashes } from './esbuild.ts';

/** What an image has files of. Neither has symbolic links in it. */
export interface ImageRoots {
  /** The application's directory, which is the image's own. */
  root: string;
  /** The workspace that it is in, or itself. */
  workspace: string;
}

/** Where an image has the files of a workspace that lie beside the application: the application itself has nothing hidden. */
const beside = '.workspace';

/** The path of a file in an image, relative to it; undefined for what no image has. */
export function imagePathOf(file: string, { root, workspace }: ImageRoots): string | undefined {
  const inside = slashes(relative(root, file));
  if (!leadsOut(inside)) return inside;
  const shared = slashes(relative(workspace, file));
  return leadsOut(shared) ? undefined : `${beside}/${shared}`;
}

function leadsOut(path: string): boolean {
  return path === '..' || path.startsWith('../') || isAbsolute(path);
}
