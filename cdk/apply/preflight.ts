import type { Digest, Plan } from '../../pipeline/mod.ts';
import { refuseMissingSecrets } from '../../pipeline/refusals/missing-secrets.ts';
import type { Aws } from '../aws.ts';
import { awsError } from '../errors.ts';
import type { ApplicationImages } from '../images/mod.ts';
import type { AppInput } from '../model.ts';
import { refuseQuotas } from './quotas.ts';

/** What an environment's stack takes from elsewhere. */
export type Ready = Pick<AppInput, 'secrets' | 'images' | 'provisioner'>;

/**
 * Looks whether everything is there that the plan needs, and changes nothing but the registry.
 * @throws UserError FL4010 for all secrets that have no value, FL7121 when images are missing, FL7122 when a quota would be exceeded
 */
export async function preflight(aws: Aws, plan: Plan, isNew: boolean): Promise<Ready> {
  const { environment, release, isolated } = plan;
  const names = plan.secrets.map(({ name }) => name);
  const secrets = isolated ? {} : await aws.secrets.references(environment, names);
  if (!isolated) refuseMissingSecrets(plan, names.filter((name) => !Object.hasOwn(secrets, name)).sort());
  const images = await aws.images.of(environment.application);
  const wanted = wantedImages(plan);
  const [missing] = await Promise.all([
    images.missing(Object.values(wanted)),
    isNew ? refuseQuotas(aws, plan) : undefined,
  ]);
  if (missing.length > 0)
    throw awsError(
      'FL7121',
      `the registry ${images.destination.uri} does not have ${missing.join(', ')} of the release ${release.digest}`,
      'Bring the release there with `fairlead build --push`, or build and deploy it again.',
    );
  return { secrets, ...(await namesOf(plan, images)) };
}

/** The images of a plan by their full names. */
export async function namesOf(
  plan: Plan,
  { reference, provisioner }: Pick<ApplicationImages, 'reference' | 'provisioner'>,
): Promise<Pick<Ready, 'images' | 'provisioner'>> {
  const wanted = Object.entries(wantedImages(plan));
  return {
    images: Object.fromEntries(wanted.map(([key, digest]) => [key, reference(digest)])),
    ...(plan.databases.length > 0 && { provisioner: await provisioner(plan.release) }),
  };
}

/** By process, and `migrate`. */
function wantedImages({ processes, databases, release: { content } }: Plan): Record<string, Digest> {
  const migrate = databases.length > 0 && content.migrate !== undefined ? content.images[content.migrate] : undefined;
  return {
    ...Object.fromEntries(processes.map(({ name, image }) => [name, image])),
    ...(migrate && { migrate }),
  };
}
