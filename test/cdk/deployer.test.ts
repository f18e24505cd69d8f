import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createAwsTarget, openAwsImages } from '../../cdk/mod.ts';
import { needsOf } from '../../cdk/permissions/mod.ts';
import { deployersOf } from '../../cli/deployers.ts';
import { applyStack } from '../../github/bootstrap/aws/apply.ts';
import { trustTemplate } from '../../github/bootstrap/aws/template.ts';
import { openLayout } from '../../images/oci/repository/mod.ts';
import { writeProvisioner } from '../../images/provisioner.ts';
import { scratchBases } from '../../images/scratch-bases.ts';
import type { AwsOverrides } from '../../pipeline/aws-config.ts';
import type { Environment, SecretScope, Target } from '../../pipeline/mod.ts';
import { environmentOf, get, planOf, quiet, tinyGraph } from '../conformance/tiny-app.ts';
import { type FakeAws, makeFakeAws } from '../fakes/aws/fake.ts';
import { shop } from '../github/bootstrap/support/claims.ts';
import { buildTiny } from './support/tiny-images.ts';

/** An account that trusts the repository, as `fairlead bootstrap aws --apply` leaves it. */
async function bootstrapped(): Promise<{ aws: FakeAws; roles: Record<string, string> }> {
  const aws = await makeFakeAws({ containers: 'real' });
  const needs = needsOf(tinyGraph({ version: 'a' }), { domain: false, sleep: false });
  const deployers = deployersOf([{ name: 'tiny', foundation: 'tiny', needs }], ['production']);
  const template = trustTemplate({ repository: shop, images: ['fairlead/tiny'], forks: false, deployers });
  const config = { endpoint: aws.url, region: aws.env.AWS_REGION!, credentials: keys(aws.env) };
  const { outputs } = await applyStack({ name: 'trust', template, existingProvider: false }, config, quiet);
  return { aws, roles: outputs };
}

const keys = (env: Record<string, string>) => ({
  accessKeyId: env.AWS_ACCESS_KEY_ID!,
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
});

/** The environment of a job that has taken the role. */
function jobOf(aws: FakeAws, roleArn: string): Record<string, string> {
  const [, , , , account = '', path = ''] = roleArn.split(':');
  const role = path.split('/').at(-1)!;
  const expires = aws.world.clock.now() + 365 * 86_400_000;
  const { accessKeyId, secretAccessKey, sessionToken } = aws.world.credentials.issue({
    kind: 'role',
    account,
    role,
    session: 'job',
    expires,
  });
  return {
    ...aws.env,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken!,
  };
}

/** What was refused for want of rights. */
const refused = (aws: FakeAws) =>
  aws.world.journal
    .filter(({ error = '' }) => /AccessDenied|Unauthorized|NotAuthorized/.test(error))
    .map(({ service, operation }) => `${service}:${operation}`);

const small: AwsOverrides = { database: { deletionProtection: false }, scaling: { min: 1, max: 1 } };

test.each([
  ['previews', 'PreviewRoleArn', environmentOf('pr-1')],
  ['production', 'ProductionRoleArn', environmentOf('production', 'production')],
] as const)(
  'the role of %s suffices for the whole life of an environment',
  async (_, output, environment: Environment) => {
    const { aws, roles } = await bootstrapped();
    const directory = await mkdtemp(join(tmpdir(), 'fairlead-deployer-'));
    const layout = openLayout(join(directory, 'layout'));
    const open = (env: Record<string, string>) => {
      const images = openAwsImages({
        env,
        provisioner: async () => ({
          digest: await writeProvisioner({ layout, bases: await scratchBases(['linux/amd64']), tool: '0.0.0' }),
          from: layout,
        }),
      });
      const target: Target = createAwsTarget({
        env,
        images,
        written: () => ({ aws: {}, overrides: small }),
        wait: (milliseconds) => sleep(Math.min(milliseconds, 50)),
        repository: 'acme/shop',
      });
      return { images, target };
    };
    const people = open(aws.env);
    const job = open(jobOf(aws, roles[output]!));
    try {
      // People set secrets, with credentials of their own.
      const scope: SecretScope = { type: environment.type };
      await people.target.secrets.set('tiny', 'GREETING', 'hello', [scope]);
      const before = aws.world.journal.length;

      const deploy = async (version: string, migration?: 'column') => {
        const app = { version, ...(migration && { migration }) };
        const release = await buildTiny(layout, app, tinyGraph(app));
        const to = await job.images.of('tiny');
        await to.push(release, { environment: environment.name, at: new Date() }, layout);
        const settings = {
          cron: environment.type !== 'preview',
          processes: environment.type === 'preview' ? 'all-in-one' : 'per-service',
        } as const;
        return job.target.apply(planOf(release, environment, settings), quiet);
      };
      const first = await deploy('one');
      expect(await get(first.url, '/version')).toMatchObject({ version: 'one' });
      const second = await deploy('two', 'column');
      expect(await get(second.url, '/version')).toMatchObject({ version: 'two' });
      expect((await job.target.list('tiny')).map((one) => one.environment.name)).toEqual([environment.name]);
      await job.target.trigger(environment, 'tick');
      expect(await job.target.cloud!.drift(environment, quiet)).toEqual([]);
      expect((await job.target.cloud!.cost(environment)).monthly).toBeGreaterThan(0);
      const { left } = await job.target.destroy(environment, quiet);
      expect(left).toEqual([]);
      expect((await job.target.cloud!.destroyFoundation('tiny', environment.type, quiet)).left).toEqual([]);
      // Two things are kept from previews, and are done without: they could let images of production go.
      const kept = environment.type === 'preview' ? ['ecr:BatchDeleteImage', 'ecr:PutLifecyclePolicy'] : [];
      expect([...new Set(refused(aws))].sort()).toEqual(kept);
      // All of it was done by the role.
      const principals = new Set(aws.world.journal.slice(before).map(({ principal }) => principal));
      expect([...principals].some((one) => one.includes(':root') || one === 'root')).toBe(false);
    } finally {
      await people.target.destroy(environment, quiet);
      await people.target.cloud!.destroyFoundation('tiny', environment.type, quiet);
      await people.images.close();
      await job.images.close();
      await aws.dispose();
      await rm(directory, { recursive: true, force: true });
    }
  },
  300_000,
);
