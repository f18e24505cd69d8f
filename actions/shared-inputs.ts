import type { InputSpec } from './inputs.ts';

/** Inputs that several leaves have, said once. */

export const token = {
  'github-token': {
    description: 'The token that GitHub is asked with.',
    required: true,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's, evaluated by the runner
    default: '${{ github.token }}',
  },
} as const satisfies Record<string, InputSpec>;

export const directory = {
  directory: {
    description: 'The directory of the application in the repository.',
    default: '.',
  },
} as const satisfies Record<string, InputSpec>;

export const place = {
  target: {
    description: 'Where environments are put: `aws`, `gcp` or `local`, which is the machine of a self-hosted runner.',
    required: true,
    options: ['aws', 'gcp', 'local'],
  },
  region: { description: 'The region of the cloud.' },
  registry: { description: 'The registry that releases are kept in, as `HOST[/PREFIX]`.' },
} as const satisfies Record<string, InputSpec>;

export const policy = {
  drafts: { description: 'Whether drafts have previews without the label.', type: 'boolean', default: 'false' },
  bots: {
    description: 'Whether pull requests that bots opened have previews without the label.',
    type: 'boolean',
    default: 'false',
  },
} as const satisfies Record<string, InputSpec>;

export const handover = {
  handover: { description: 'What the job that built it calls its handover by: the output `handover` of the build.' },
} as const satisfies Record<string, InputSpec>;

export const environment = {
  environment: { description: 'The name of the environment.', default: 'production' },
} as const satisfies Record<string, InputSpec>;

export const dataLoss = {
  'allow-data-loss': {
    description:
      'Data stores that may be replaced or destroyed with what is in them, by the names of their resources, with commas between them. The run that refused it names them.',
  },
} as const satisfies Record<string, InputSpec>;

/** `orders, invoices` → its names. */
export function namesIn(text = ''): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}
