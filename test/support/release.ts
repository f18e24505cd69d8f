import {
  canonicalDigest,
  type Digest,
  databaseSchemas,
  type Graph,
  type Release,
  type Source,
} from '../../pipeline/mod.ts';

/** A release of a graph with images that somebody else made; its digest is one of its content, as a real one's. */
export function release(
  graph: Graph,
  images: Record<string, Digest>,
  source: Source,
  parts: Partial<Release['content']> = {},
): Release {
  const content: Release['content'] = {
    version: 2,
    tool: '0.0.0',
    graph,
    images,
    databases: databaseSchemas(graph),
    inputs: {},
    ...parts,
  };
  return { digest: canonicalDigest(content), content, source };
}
