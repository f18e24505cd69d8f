import { LayerMaker, workingDirectory } from '../../images/layer-maker.ts';
import type { Layout } from '../../images/oci/repository/mod.ts';
import { sealRelease } from '../../images/release/mod.ts';
import { scratchBases } from '../../images/scratch-bases.ts';
import { filesOf, writeImage } from '../../images/write-image.ts';
import { databaseSchemas, type Graph, imageKey, processesOf, type Release } from '../../pipeline/mod.ts';
import { canonicalDigest } from '../../pipeline/release.ts';

/** A release of a graph whose images hold a line of text each: what runs in them is no part of what is measured here. */
export async function writeRelease(layout: Layout, graph: Graph, version: number): Promise<Release> {
  const bases = await scratchBases(['linux/amd64']);
  const layers = new LayerMaker({ repository: layout, allowed: [] });
  const images: Release['content']['images'] = {};
  for (const allocation of ['all-in-one', 'per-service'] as const)
    for (const { name } of processesOf(graph, allocation)) {
      const key = imageKey(allocation, name);
      const own = [{ path: 'main.mjs', bytes: Buffer.from(`// ${key}, version ${version}\n`) }];
      images[key] = await writeImage(
        {
          name: `bench/${key}`,
          layers: [{ files: filesOf(own), createdBy: 'bench' }],
          own,
          packages: [],
          settings: { entrypoint: bases.entrypoint, cmd: ['main.mjs'], workingDirectory, env: {} },
        },
        bases,
        { repository: layout, layers },
      );
    }
  const databases = databaseSchemas(graph);
  const content = { version: 2, tool: '0.0.0', graph, images, databases, inputs: {} } as const;
  return sealRelease(
    { ...content, ...(graph.databases.length > 0 && { migrate: 'all-in-one/app' }) },
    { hash: canonicalDigest({ graph, version }) },
  );
}
