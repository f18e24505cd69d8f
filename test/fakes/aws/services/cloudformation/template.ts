import { type CollectionTag, isMap, isSeq, parseDocument, type ScalarTag } from 'yaml';
import { invalid } from './refusals.ts';
import { isRecord, typeExists } from './spec.ts';

/** CloudFormation User Guide, "Understand CloudFormation quotas". */
export const limits = {
  inline: 51_200,
  byUrl: 1_000_000,
  resources: 500,
  parameters: 200,
  outputs: 200,
  mappings: 200,
} as const;

export interface TemplateDocument {
  AWSTemplateFormatVersion?: string;
  Description?: string;
  Metadata?: unknown;
  Parameters?: Record<string, ParameterDeclaration>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Rules?: unknown;
  Transform?: unknown;
  Resources: Record<string, ResourceDeclaration>;
  Outputs?: Record<string, OutputDeclaration>;
}

export interface ParameterDeclaration {
  Type: string;
  Default?: unknown;
  AllowedValues?: unknown[];
  AllowedPattern?: string;
  ConstraintDescription?: string;
  MinLength?: number | string;
  MaxLength?: number | string;
  MinValue?: number | string;
  MaxValue?: number | string;
  NoEcho?: boolean | string;
  Description?: string;
}

export type Policy = 'Delete' | 'Retain' | 'Snapshot' | 'RetainExceptOnCreate';

export interface ResourceDeclaration {
  Type: string;
  Properties?: Record<string, unknown>;
  DependsOn?: string | string[];
  Condition?: string;
  Metadata?: unknown;
  DeletionPolicy?: unknown;
  UpdateReplacePolicy?: unknown;
  CreationPolicy?: unknown;
  UpdatePolicy?: unknown;
}

export interface OutputDeclaration {
  Value: unknown;
  Description?: string;
  Condition?: string;
  Export?: { Name: unknown };
}

const sections = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Mappings',
  'Conditions',
  'Rules',
  'Transform',
  'Hooks',
  'Resources',
  'Outputs',
]);

const shortForms = [
  'Base64',
  'Cidr',
  'FindInMap',
  'GetAtt',
  'GetAZs',
  'If',
  'ImportValue',
  'Join',
  'Select',
  'Split',
  'Sub',
  'Equals',
  'Not',
  'And',
  'Or',
  'ToJsonString',
  'Length',
];

/** "Intrinsic function reference": the short forms of YAML, `!Ref` and `!Sub`. */
const tags = ['Ref', 'Condition', ...shortForms].flatMap((name): (ScalarTag | CollectionTag)[] => {
  const key = name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`;
  const wrap = (value: unknown) => ({ [key]: value });
  const scalar: ScalarTag = {
    tag: `!${name}`,
    resolve: (text) => wrap(name === 'GetAtt' ? splitOnce(text) : text),
  };
  const collection = (kind: 'map' | 'seq'): CollectionTag => ({
    tag: `!${name}`,
    collection: kind,
    resolve: (value) => {
      const json = isMap(value) || isSeq(value) ? value.toJSON() : value;
      return wrap(json) as never;
    },
  });
  return [scalar, collection('seq'), collection('map')];
});

const splitOnce = (text: string): string[] => {
  const dot = text.indexOf('.');
  return dot === -1 ? [text] : [text.slice(0, dot), text.slice(dot + 1)];
};

/** JSON or YAML. @throws AwsError "Template format error" */
export function parseTemplate(body: string): TemplateDocument {
  const parsed = body.trimStart().startsWith('{') ? parseJson(body) : parseYaml(body);
  if (!isRecord(parsed)) throw invalid('Template format error: unsupported structure.');
  checkStructure(parsed);
  return parsed as unknown as TemplateDocument;
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return parseYaml(body);
  }
}

function parseYaml(body: string): unknown {
  const document = parseDocument(body, { customTags: tags, version: '1.2', merge: true });
  const [error] = document.errors;
  if (error) {
    const at = error.linePos?.[0];
    throw invalid(`Template format error: YAML not well-formed.${at ? ` (line ${at.line}, column ${at.col})` : ''}`);
  }
  return plain(document.toJSON());
}

/** What a tag made of a collection is still a node of the parser's. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (isMap(value) || isSeq(value)) return plain(value.toJSON());
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

function checkStructure(template: Record<string, unknown>): void {
  const foreign = Object.keys(template).filter((key) => !sections.has(key));
  if (foreign.length > 0) throw invalid(`Invalid template property or properties [${foreign.join(', ')}]`);
  const resources = template.Resources;
  if (!isRecord(resources) || Object.keys(resources).length === 0) {
    throw invalid('Template format error: At least one Resources member must be defined.');
  }
  most('resources', Object.keys(resources).length, limits.resources);
  most('parameters', Object.keys(template.Parameters ?? {}).length, limits.parameters);
  most('outputs', Object.keys(template.Outputs ?? {}).length, limits.outputs);
  for (const [id, resource] of Object.entries(resources)) checkResource(id, resource);
  checkTypes(resources as Record<string, ResourceDeclaration>);
}

function most(what: string, count: number, limit: number): void {
  if (count > limit) {
    throw invalid(`Template format error: Number of ${what}, ${count}, is greater than maximum allowed, ${limit}`);
  }
}

const resourceKeys = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'Metadata',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'CreationPolicy',
  'UpdatePolicy',
]);

function checkResource(id: string, resource: unknown): void {
  if (!/^[a-zA-Z0-9]+$/.test(id)) {
    throw invalid(`Template format error: Resource name ${id} is non alphanumeric.`);
  }
  if (!isRecord(resource)) {
    throw invalid('Template format error: Every Resources member must be an object.');
  }
  if (typeof resource.Type !== 'string') {
    throw invalid(`Template format error: [/Resources/${id}] Every Resources object must contain a Type member.`);
  }
  const foreign = Object.keys(resource).filter((key) => !resourceKeys.has(key));
  if (foreign.length > 0) {
    throw invalid(`Invalid template resource property '${foreign[0]}'`);
  }
}

function checkTypes(resources: Record<string, ResourceDeclaration>): void {
  const unknown = Object.values(resources)
    .map(({ Type }) => Type)
    .filter((type) => !type.startsWith('Custom::') && !typeExists(type));
  if (unknown.length > 0) {
    throw invalid(`Template format error: Unrecognized resource types: [${[...new Set(unknown)].join(', ')}]`);
  }
}

/** "AWS::LanguageExtensions transform": the only one that is modelled, for the two functions that it adds. */
const languageExtensions = 'AWS::LanguageExtensions';

/** @returns whether the template is transformed, which has to be acknowledged */
export function checkTransforms({ Transform, Resources, Outputs }: TemplateDocument): boolean {
  const transforms = Transform === undefined ? [] : [Transform].flat();
  const foreign = transforms.find((one) => one !== languageExtensions);
  if (foreign !== undefined) throw invalid(`No transform named ${foreign} found. The fake has no macros.`);
  const used = /"(Fn::(?:ToJsonString|Length))":/.exec(JSON.stringify([Resources, Outputs]))?.[1];
  if (used !== undefined && transforms.length === 0) {
    throw invalid(`Template format error: Unrecognized function ${used}; it needs the transform ${languageExtensions}`);
  }
  return transforms.length > 0;
}

/** "Acknowledging IAM resources in CloudFormation templates": which acknowledgement a template needs. */
export function neededCapability(template: TemplateDocument): { capability?: string; types: string[] } {
  const named: Record<string, string | undefined> = {
    'AWS::IAM::AccessKey': undefined,
    'AWS::IAM::Group': 'GroupName',
    'AWS::IAM::InstanceProfile': 'InstanceProfileName',
    'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
    'AWS::IAM::Policy': undefined,
    'AWS::IAM::Role': 'RoleName',
    'AWS::IAM::User': 'UserName',
    'AWS::IAM::UserToGroupAddition': undefined,
  };
  const ofIam = Object.values(template.Resources).filter(({ Type }) => Type in named);
  const explicit = ofIam.some(
    ({ Type, Properties }) => named[Type] !== undefined && Properties?.[named[Type] as string] !== undefined,
  );
  const types = [...new Set(ofIam.map(({ Type }) => Type))];
  if (ofIam.length === 0) return { types };
  return { capability: explicit ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM', types };
}
