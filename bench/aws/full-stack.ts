import { synthesizeApp } from '../../cdk/app/mod.ts';
import { readFoundation } from '../../cdk/foundation/facts.ts';
import { synthesizeFoundation } from '../../cdk/foundation/mod.ts';
import type { AppInput, AwsSettings, Stack, Template, TemplateResource } from '../../cdk/model.ts';
import { needsKey, needsOf } from '../../cdk/needs.ts';
import { awsSettings } from '../../cdk/settings.ts';
import type { Plan } from '../../pipeline/mod.ts';

/** The servers of a preview in the network of production, with one gateway out of it: the least that a stack of its own comes with. */
export function fullSettings(plan: Plan): AwsSettings {
  const small = awsSettings({ aws: {}, overrides: {} }, plan.environment);
  const { database, cache, scaling } = small;
  const overrides = { database, cache, scaling, natGateways: 1, logRetention: small.logRetention } as const;
  return awsSettings(
    { aws: { foundation: `full-${plan.environment.name}` }, overrides },
    { ...plan.environment, type: 'production' },
  );
}

/**
 * One whole stack for a pull request: network, load balancer, database server, cluster and the environment in it, with what Amazon ECS
 * and Elastic Load Balancing do where nothing is said.
 */
export function synthesizeFullStack(input: Omit<AppInput, 'foundation'>): Stack {
  const { account, plan, settings } = input;
  const needs = { [needsKey(plan, settings)]: needsOf(plan, settings) };
  const { template: shared } = synthesizeFoundation({ account, class: 'production', settings, needs });
  const values: unknown[] = [];
  const outputs = Object.entries(shared.Outputs ?? {}).map(([key, { Value }]) => [key, marked(Value, values)]);
  const app = synthesizeApp({ ...input, foundation: readFoundation(Object.fromEntries(outputs)) });
  const own = withValues(app.template, values) as Template;
  const twice = Object.keys(own.Resources).filter((id) => id in shared.Resources);
  if (twice.length > 0) throw new Error(`both templates have ${twice.join(', ')}`);
  const resources = Object.entries({ ...shared.Resources, ...own.Resources });
  return {
    ...app,
    name: `full-${plan.environment.name}`,
    template: {
      ...own,
      Resources: Object.fromEntries(resources.map(([id, resource]) => [id, asByDefault(resource)])),
    },
    meanings: {},
  };
}

/** A text that stands for what only CloudFormation knows, which is kept in `values`. */
function marked(value: unknown, values: unknown[]): string {
  if (typeof value === 'string') return value;
  const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (join) return join[1].map((part) => marked(part, values)).join(join[0]);
  // The only number among them; a text would be none.
  if (JSON.stringify(value).includes('Endpoint.Port')) return '5432';
  return `{{${values.push(value) - 1}}}`;
}

/** The same with each text that stands for a value put back. */
function withValues(node: unknown, values: readonly unknown[]): unknown {
  if (typeof node === 'string') {
    const parts = node.split(/\{\{(\d+)\}\}/).map((part, index) => (index % 2 === 1 ? values[Number(part)] : part));
    const full = parts.filter((part) => part !== '');
    return full.length === 1 ? full[0] : parts.length === 1 ? node : { 'Fn::Join': ['', full] };
  }
  if (Array.isArray(node)) return node.map((one) => withValues(one, values));
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(Object.entries(node).map(([key, one]) => [key, withValues(one, values)]));
}

/**
 * Elastic Load Balancing and ECS API References: health is asked for every 30 seconds, five good answers are wanted, a target is drained
 * for 300 seconds, and all old tasks run until the new ones are well. It may be deleted as a whole.
 */
function asByDefault({ DeletionPolicy: _, UpdateReplacePolicy: __, ...resource }: TemplateResource): TemplateResource {
  const { Type, Properties = {} } = resource;
  if (Type === 'AWS::ElasticLoadBalancingV2::TargetGroup') {
    const { HealthCheckPath, Matcher, Name, Port, Protocol, TargetType, VpcId } = Properties;
    return { ...resource, Properties: { HealthCheckPath, Matcher, Name, Port, Protocol, TargetType, VpcId } };
  }
  if (Type === 'AWS::ECS::Service') {
    const { DeploymentConfiguration: ___, ...rest } = Properties;
    return { ...resource, Properties: rest };
  }
  if (Type === 'AWS::RDS::DBInstance')
    return { ...resource, DeletionPolicy: 'Delete', Properties: { ...Properties, DeletionProtection: false } };
  if (Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer') {
    const { LoadBalancerAttributes: ___, ...rest } = Properties;
    return { ...resource, Properties: rest };
  }
  return resource;
}
