import { posix } from 'node:path';
import type { ImageConfig } from '../oci/descriptor.ts';

/** Programs that start another one and pass signals on to it. */
const inits = new Set(['tini', 'tini-static', 'dumb-init', 'catatonit']);

/**
 * How Node is started in a container of the image, as far as its config tells, since no layer is read. A script that
 * stands before Node, such as the `docker-entrypoint.sh` of `node`, is left out: it takes a shell and does nothing for us.
 * Undefined when nothing points to Node.
 */
export function nodeOf({ config = {} }: ImageConfig): string[] | undefined {
  const { Entrypoint, Cmd, Env } = config;
  const [entrypoint, cmd] = [Entrypoint ?? [], Cmd ?? []];
  const at = entrypoint.findIndex(isNode);
  if (at >= 0) return entrypoint.slice(0, at + 1);
  const init = inits.has(posix.basename(entrypoint[0] ?? '')) ? entrypoint : [];
  if (isNode(cmd[0] ?? '')) return [...init, cmd[0]!];
  return hasNodeInPath(Env ?? []) ? [...init, 'node'] : undefined;
}

export type Libc = 'glibc' | 'musl';

/** By what its name and its history say; images of Alpine Linux have musl. */
export function libcOf(image: string, { history = [] }: ImageConfig): Libc {
  const said = [image, ...history.map(({ created_by = '' }) => created_by)];
  return said.some((text) => /\b(alpine|musl)|alpine-minirootfs/i.test(text)) ? 'musl' : 'glibc';
}

function isNode(program: string): boolean {
  return /^node(js)?$/.test(posix.basename(program));
}

/** Images of Node say its version, or have its own directory in the PATH. */
function hasNodeInPath(env: readonly string[]): boolean {
  return env.some((entry) => /^NODE(JS)?_VERSION=./.test(entry) || /^PATH=(.*[:/])?node[^/:]*\/bin(:|$)/i.test(entry));
}
