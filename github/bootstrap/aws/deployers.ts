/** A policy of IAM as plain data. What is in `${AWS::…}` CloudFormation fills in. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: readonly object[];
}

/** What deploying to AWS takes besides keeping images. Whoever knows how environments look there brings it. */
export interface Deployers {
  /** Under the names that deployments look for: what roles that they make can be allowed at most. */
  boundaries: readonly { name: string; document: PolicyDocument }[];
  /** Each fits into a managed policy, and a role has room for all. */
  previews: readonly PolicyDocument[];
  lasting: readonly PolicyDocument[];
  /** What neither role can exceed. */
  ceiling: PolicyDocument;
}

type Resources = Record<string, { Type: string; [key: string]: unknown }>;

/** The policies as resources of a template. */
export function policyResources({ boundaries, previews, lasting }: Deployers, of: string): Resources {
  return {
    ...Object.fromEntries(
      boundaries.map(({ name, document }, index) => [
        `TaskBoundary${index + 1}`,
        managedPolicy(`Boundary of what ${of} deploys`, document, name),
      ]),
    ),
    ...policies('Previews', `Previews of ${of}`, previews),
    ...policies('Lasting', `Lasting environments of ${of}`, lasting),
  };
}

/** References to the policies of one role. */
export function policiesOf({ previews, lasting }: Deployers, role: { lasting: boolean }): object[] {
  const [kind, documents] = role.lasting ? ['Lasting', lasting] : ['Previews', previews];
  return documents.map((_, index) => ({ Ref: policyId(kind, index) }));
}

function policies(kind: string, description: string, documents: readonly PolicyDocument[]): Resources {
  return Object.fromEntries(
    documents.map((document, index) => [policyId(kind, index), managedPolicy(description, document)]),
  );
}

function policyId(kind: string, index: number): string {
  return `${kind}Policy${index + 1}`;
}

function managedPolicy(Description: string, document: PolicyDocument, name?: string): Resources[string] {
  return {
    Type: 'AWS::IAM::ManagedPolicy',
    Properties: {
      ...(name !== undefined && { ManagedPolicyName: name }),
      Description,
      PolicyDocument: filledIn(document),
    },
  };
}

/** The same with every text that CloudFormation has to fill in said to be one. */
export function filledIn(value: unknown): unknown {
  if (typeof value === 'string') return value.includes('${AWS::') ? { 'Fn::Sub': value } : value;
  if (Array.isArray(value)) return value.map(filledIn);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filledIn(inner)]));
}
