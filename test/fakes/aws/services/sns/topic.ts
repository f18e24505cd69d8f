import { AwsError } from '../../model.ts';

export interface Topic {
  arn: string;
  name: string;
  attributes: Record<string, string>;
  tags: Record<string, string>;
  subscriptions: Subscription[];
  /** By deduplication id, of the last five minutes. */
  sent: Map<string, { at: number; id: string; sequence: string }>;
  sequence: number;
}

export interface Subscription {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  owner: string;
  attributes: Record<string, string>;
}

export interface Attribute {
  DataType: string;
  StringValue?: string;
  BinaryValue?: Uint8Array;
}

export interface Publication {
  id: string;
  at: number;
  message: string;
  subject?: string;
  attributes: Record<string, Attribute>;
  group?: string;
  deduplicationId?: string;
  sequence?: string;
}

/** Amazon SNS Developer Guide, "Parsing Amazon SNS message formats": what a queue gets without raw delivery. */
export function envelope(topic: Topic, subscription: Subscription, publication: Publication, url: string): string {
  const { id, at, message, subject, attributes, sequence } = publication;
  const entries = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: BinaryValue ? Buffer.from(BinaryValue).toString('base64') : StringValue },
  ]);
  return JSON.stringify({
    Type: 'Notification',
    MessageId: id,
    ...(sequence && { SequenceNumber: sequence }),
    TopicArn: topic.arn,
    ...(subject && { Subject: subject }),
    Message: message,
    Timestamp: new Date(at).toISOString(),
    ...(!sequence && {
      SignatureVersion: '1',
      Signature: '',
      SigningCertURL: `${url}/SimpleNotificationService.pem`,
    }),
    UnsubscribeURL: `${url}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    ...(entries.length > 0 && { MessageAttributes: Object.fromEntries(entries) }),
  });
}

/** Amazon SNS Developer Guide, "Amazon SNS subscription filter policies": on attributes; all keys, one pattern of each. */
export function wanted({ attributes }: Subscription, publication: Publication): boolean {
  if (!attributes.FilterPolicy) return true;
  if (attributes.FilterPolicyScope === 'MessageBody')
    throw new AwsError('InvalidParameter', 'The fake filters by attributes of messages only.');
  return Object.entries(JSON.parse(attributes.FilterPolicy) as Record<string, unknown[]>).every(([name, patterns]) => {
    const attribute = publication.attributes[name];
    return patterns.some((pattern) => valuesOf(attribute).some((value) => fits(pattern, value)));
  });
}

function valuesOf(attribute: Attribute | undefined): (string | number | undefined)[] {
  if (!attribute) return [undefined];
  const text = attribute.StringValue ?? '';
  if (attribute.DataType === 'Number') return [Number(text)];
  return attribute.DataType === 'String.Array' ? JSON.parse(text) : [text];
}

function fits(pattern: unknown, value: string | number | undefined): boolean {
  if (typeof pattern !== 'object' || pattern === null) return pattern === value;
  const [[operator, operand] = []] = Object.entries(pattern);
  switch (operator) {
    case 'exists':
      return (value !== undefined) === operand;
    case 'prefix':
      return typeof value === 'string' && value.startsWith(operand);
    case 'suffix':
      return typeof value === 'string' && value.endsWith(operand);
    case 'anything-but':
      return value !== undefined && ![operand].flat().includes(value);
    case 'numeric':
      return typeof value === 'number' && inRange(operand, value);
    default:
      throw new AwsError('InvalidParameter', `Invalid parameter: FilterPolicy: Unrecognized match type ${operator}`);
  }
}

function inRange(range: (string | number)[], value: number): boolean {
  const tests: Record<string, (bound: number) => boolean> = {
    '=': (bound) => value === bound,
    '<': (bound) => value < bound,
    '<=': (bound) => value <= bound,
    '>': (bound) => value > bound,
    '>=': (bound) => value >= bound,
  };
  for (let index = 0; index < range.length; index += 2)
    if (!tests[String(range[index])]?.(Number(range[index + 1]))) return false;
  return true;
}
