import type { Api } from './apis.ts';
import { awsJson } from './json.ts';
import type { Protocol, WireRequest } from './message.ts';
import { awsQuery, ec2Query } from './query.ts';
import { restJson, restXml } from './rest.ts';

const json = { '1.0': awsJson('1.0'), '1.1': awsJson('1.1') };

/** By what the request says, as some APIs speak more than one: SQS once had the query protocol, and older clients still speak it. */
export function protocolOf(api: Api | undefined, { headers, query }: WireRequest): Protocol {
  if (headers['x-amz-target']) return headers['content-type']?.includes('1.0') ? json['1.0'] : json['1.1'];
  if (api?.protocol === 'aws.protocols#restXml') return restXml;
  if (api?.protocol === 'aws.protocols#restJson1') return restJson;
  const form = headers['content-type']?.startsWith('application/x-www-form-urlencoded') || query.has('Action');
  if (form || !api) return api?.protocol === 'aws.protocols#ec2Query' ? ec2Query : awsQuery;
  return json['1.1'];
}
