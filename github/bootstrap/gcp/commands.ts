import { accountVariable } from '../../init/workflows.ts';
import { setupError } from '../../setup-error.ts';
import { type RepositoryIdentity, requirePlainNames, type Trust, trustsOf } from '../trust.ts';
import { attributeCondition } from './condition.ts';

export interface TrustInput {
  repository: RepositoryIdentity;
  /** The id of the project, not its number. */
  project: string;
  /** Of Artifact Registry, such as `europe-west1`. */
  location: string;
  /** The repository of Artifact Registry that images go to. */
  registry: string;
  /** Whether pull requests of forks may have previews. */
  forks: boolean;
  /** Of the kit, where the workflows call it by a commit. */
  commit?: string;
}

/** One thing to be brought about, as arguments of `gcloud`; nothing in them is for a shell. */
export interface Step {
  title: string;
  /** Succeeds when it is there already. Absent: `create` may run again. */
  exists?: string[];
  create: string[];
  /** Brings one that is there to what it should be. */
  update?: string[];
}

/** What the project's number is called where it is not known yet: in a script it is a variable. */
export const projectNumber = '{project-number}';

/** What the workflows are told, by environment. */
export interface GcpTrust {
  steps: Step[];
  /** The resource name of the provider, with {@link projectNumber} in it. */
  provider: string;
  serviceAccounts: { environment: string; email: string }[];
  registry: string;
  /** Where the images are. */
  location: string;
}

/**
 * The trust of a project in a repository: a pool of its own, so that no other repository's jobs share the names in it; one service
 * account per environment; and the repository of images.
 * @throws UserError FL6306 for names that have no place in a policy
 */
export function trustCommands(input: TrustInput): GcpTrust {
  const { repository, project, location, registry, forks, commit } = input;
  requirePlainNames(repository);
  requirePlain('project', project, /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/);
  requirePlain('location', location, /^[a-z]+(?:-[a-z0-9]+)*$/);
  requirePlain('repository of images', registry, /^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/);
  const trusts = trustsOf(repository, { forks });
  const pool = `fairlead-${repository.id}`;
  const accounts = trusts.map((trust) => ({ trust, account: accountOf(repository, trust) }));
  const poolName = `projects/${projectNumber}/locations/global/workloadIdentityPools/${pool}`;
  const email = (account: string) => `${account}@${project}.iam.gserviceaccount.com`;
  const slug = `${repository.owner}/${repository.name}`;
  const inProject = `--project=${project}`;
  const global = '--location=global';
  const inPool = `--workload-identity-pool=${pool}`;
  const provider = [
    `--attribute-mapping=${mapping}`,
    `--attribute-condition=${attributeCondition(repository, trusts, commit)}`,
  ];
  const images = [registry, inProject, `--location=${location}`];
  const steps: Step[] = [
    { title: 'Enable what is used', create: ['services', 'enable', ...services, inProject] },
    {
      title: `Pool of identities for ${slug}`,
      exists: ['iam', 'workload-identity-pools', 'describe', pool, inProject, global],
      create: [
        ...['iam', 'workload-identity-pools', 'create', pool, inProject, global],
        `--display-name=${shortened(`Fairlead ${repository.name}`)}`,
        `--description=Jobs of ${slug} on GitHub`,
      ],
    },
    {
      title: 'GitHub as provider of identities',
      exists: ['iam', 'workload-identity-pools', 'providers', 'describe', 'github', inProject, global, inPool],
      create: [
        ...['iam', 'workload-identity-pools', 'providers', 'create-oidc', 'github', inProject, global, inPool],
        '--issuer-uri=https://token.actions.githubusercontent.com',
        ...provider,
      ],
      update: [
        ...['iam', 'workload-identity-pools', 'providers', 'update-oidc', 'github', inProject, global, inPool],
        ...provider,
      ],
    },
    {
      title: `Repository of images ${registry}`,
      exists: ['artifacts', 'repositories', 'describe', ...images],
      create: [
        ...['artifacts', 'repositories', 'create', ...images],
        '--repository-format=docker',
        '--labels=managed-by=fairlead',
        '--description=Images and releases of applications, kept by Fairlead',
      ],
    },
    ...accounts.flatMap(({ trust, account }): Step[] => [
      {
        title: `Service account of the environment ${trust.environment}`,
        exists: ['iam', 'service-accounts', 'describe', email(account), inProject],
        create: [
          ...['iam', 'service-accounts', 'create', account, inProject],
          `--display-name=${shortened(`Fairlead ${trust.environment} of ${repository.name}`)}`,
        ],
      },
      {
        title: `Who may be it: jobs in the environment ${trust.environment}`,
        create: [
          ...['iam', 'service-accounts', 'add-iam-policy-binding', email(account), inProject],
          '--role=roles/iam.workloadIdentityUser',
          `--member=principalSet://iam.googleapis.com/${poolName}/attribute.environment/${trust.environment}`,
          '--condition=None',
        ],
      },
      {
        title: `What it may do: ${trust.lasting ? 'keep' : 'push'} images`,
        create: [
          ...['artifacts', 'repositories', 'add-iam-policy-binding', ...images],
          `--role=roles/artifactregistry.${trust.lasting ? 'admin' : 'writer'}`,
          `--member=serviceAccount:${email(account)}`,
        ],
      },
    ]),
  ];
  return {
    steps,
    provider: `${poolName}/providers/github`,
    serviceAccounts: accounts.map(({ trust, account }) => ({ environment: trust.environment, email: email(account) })),
    registry: `${location}-docker.pkg.dev/${project}/${registry}`,
    location,
  };
}

/** The variables on GitHub that tell the workflows, with their values. */
export function variablesOf({
  provider,
  serviceAccounts,
  location,
}: Omit<GcpTrust, 'steps'>): [name: string, value: string][] {
  return [
    ['FAIRLEAD_WORKLOAD_IDENTITY_PROVIDER', provider],
    ...serviceAccounts.map(({ environment, email }): [string, string] => [accountVariable(environment), email]),
    ['FAIRLEAD_REGION', location],
  ];
}

/** Asks for the number of the project. */
export function numberCommand(project: string): string[] {
  return ['projects', 'describe', project, '--format=value(projectNumber)'];
}

const services = [
  'artifactregistry.googleapis.com',
  'iam.googleapis.com',
  'iamcredentials.googleapis.com',
  'sts.googleapis.com',
];

/** `sub` can be longer than the 127 bytes that a subject may have. */
const mapping = [
  'google.subject=assertion.repository_id + ":" + assertion.environment',
  'attribute.environment=assertion.environment',
  'attribute.repository_id=assertion.repository_id',
].join(',');

/** At most 30 characters, and another one for each repository of a project. */
function accountOf({ id }: RepositoryIdentity, { environment }: Trust): string {
  return `fl-${id}-${environment}`;
}

/** Names for people have at most 32 characters. */
function shortened(text: string): string {
  return text.length > 32 ? `${text.slice(0, 31)}…` : text;
}

function requirePlain(what: string, value: string, rule: RegExp): void {
  if (rule.test(value)) return;
  throw setupError('FL6306', `${JSON.stringify(value)} cannot be a ${what}`, 'Use small letters, digits and dashes.');
}
