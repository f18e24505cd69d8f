import type { Foresight } from '../../pipeline/mod.ts';
import type { Stack } from '../model.ts';

/**
 * What CloudFormation takes of a template that is sent with the request, in bytes, and of any template, in resources and outputs; and
 * what IAM takes of a role's own policies, in characters that are not blank.
 */
export const most = { bytes: 51_200, resources: 500, outputs: 200, policies: 10_240 } as const;

/** How near a stack is to what CloudFormation takes. A larger template goes by a bucket, and so its bytes are no wall. */
export function limitsOf({ name, template }: Stack): Foresight['limits'] {
  return [
    { what: `bytes of the template of ${name}`, used: Buffer.byteLength(JSON.stringify(template)), most: most.bytes },
    { what: `resources of ${name}`, used: Object.keys(template.Resources).length, most: most.resources },
    { what: `outputs of ${name}`, used: Object.keys(template.Outputs ?? {}).length, most: most.outputs },
    { what: `characters of a role's policies in ${name}`, used: longestPolicies(template), most: most.policies },
  ];
}

/** Of the role that is allowed most; references count as they are written. */
function longestPolicies({ Resources }: Stack['template']): number {
  const lengths = Object.values(Resources)
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .map(({ Properties: { Policies = [] } = {} }) =>
      (Policies as { PolicyDocument: unknown }[]).reduce(
        (total, { PolicyDocument }) => total + JSON.stringify(PolicyDocument).length,
        0,
      ),
    );
  return Math.max(0, ...lengths);
}
