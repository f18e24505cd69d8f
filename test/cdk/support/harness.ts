import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AwsImages, createAwsTarget, openAwsImages } from '../../../cdk/mod.ts';
import { openLayout } from '../../../images/oci/repository/mod.ts';
import { writeProvisioner } from '../../../images/provisioner.ts';
import { scratchBases } from '../../../images/scratch-bases.ts';
import type { Target } from '../../../pipeline/mod.ts';
import type { Harness } from '../../conformance/target.ts';
import { quiet } from '../../conformance/tiny-app.ts';
import { type FakeAws, type FakeAwsOptions, makeFakeAws } from '../../fakes/aws/fake.ts';
import { remains } from './remains.ts';
import { buildTiny } from './tiny-images.ts';

export interface AwsHarness extends Harness {
  aws: FakeAws;
  images: AwsImages;
}

/** The target's time runs slower than the machine's, which may be busy: half a second is long enough for a process to end by itself. */
const slowness = 4;

/** Waits are short here: what takes time in AWS passes on the clock of the fake. Milliseconds. */
const longestWait = 50;

/** A fake AWS of its own, with tasks and databases that really run. */
export async function makeAwsHarness(options: FakeAwsOptions = {}): Promise<AwsHarness> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-aws-'));
  const aws = await makeFakeAws({ containers: 'real', ...options });
  const began = Date.now();
  const layout = openLayout(join(directory, 'layout'));
  const images = openAwsImages({
    env: aws.env,
    provisioner: async () => {
      const bases = await scratchBases(['linux/amd64']);
      return { digest: await writeProvisioner({ layout, bases, tool: '0.0.0' }), from: layout };
    },
  });
  const open = (repository?: string): Target =>
    createAwsTarget({
      env: aws.env,
      images,
      written: () => ({ aws: {}, overrides: {} }),
      now: () => new Date(began + (Date.now() - began) / slowness),
      wait: (milliseconds) => sleep(Math.min(milliseconds, longestWait)),
      ...(repository !== undefined && { repository }),
    });
  const target = open();
  return {
    aws,
    images,
    target,
    boundTo: open,
    replacesInPlace: true,
    async build(app, graph) {
      const release = await buildTiny(layout, app, graph);
      const to = await images.of(graph.application);
      await to.push(release, { at: new Date() }, layout);
      return release;
    },
    remains: (environment) => remains(aws, environment),
    async dispose() {
      try {
        for (const { environment } of await target.list()) await target.destroy(environment, quiet);
        const { left } = await target.cloud!.destroyFoundation('tiny', 'preview', quiet);
        if (left.length > 0) throw new Error(`left in AWS: ${JSON.stringify(left)}`);
      } finally {
        await images.close();
        await aws.dispose();
        await rm(directory, { recursive: true, force: true });
      }
    },
  };
}
