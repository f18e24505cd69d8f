import { LayerMaker, workingDirectory } from '../../../images/layer-maker.ts';
import type { Layout } from '../../../images/oci/repository/mod.ts';
import { sealRelease } from '../../../images/release/mod.ts';
import { scratchBases } from '../../../images/scratch-bases.ts';
import { filesOf, writeImage } from '../../../images/write-image.ts';
import { databaseSchemas, type Graph, imageKey, processesOf, type Release } from '../../../pipeline/mod.ts';
import { canonicalDigest } from '../../../pipeline/release.ts';
import type { AppVersion } from '../../conformance/tiny-app.ts';
import { programs } from '../../local/support/tiny-app.ts';

/** Writes the images of the little application into a layout, each a program and nothing to lie on. */
export async function buildTiny(layout: Layout, app: AppVersion, graph: Graph): Promise<Release> {
  const bases = await scratchBases(['linux/amd64']);
  const layers = new LayerMaker({ repository: layout, allowed: [] });
  const images: Release['content']['images'] = {};
  for (const allocation of ['all-in-one', 'per-service'] as const)
    for (const process of processesOf(graph, allocation)) {
      const key = imageKey(allocation, process.name);
      const own = Object.entries(programs(app, process)).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
      images[key] = await writeImage(
        {
          name: `tiny/${key}`,
          layers: [{ files: filesOf(own), createdBy: 'test' }],
          own,
          packages: [],
          settings: { entrypoint: bases.entrypoint, cmd: ['main.mjs'], workingDirectory, env: {} },
        },
        bases,
        { repository: layout, layers },
      );
    }
  const content = {
    ...({ version: 2, tool: '0.0.0', graph, images, databases: databaseSchemas(graph), inputs: {} } as const),
    migrate: 'all-in-one/app',
  };
  return sealRelease(content, { hash: canonicalDigest(app) });
}
