import type { CfnListenerRule, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { mean } from '../draft.ts';
import { canaryHostName, hostName } from '../foundation/hosts.ts';
import { processPort } from '../foundation/security-groups.ts';
import { apigateway, elb } from '../library.ts';
import type { Meaning } from '../model.ts';
import { shortHash } from '../names.ts';
import { allow } from '../permissions/statement.ts';
import { role } from './role.ts';
import type { Scope } from './scope.ts';

/** How requests get to the process that hosts the gateway. */
export interface FrontDoor {
  url: string;
  /** ARN. */
  targetGroup: string;
  /** `targetgroup/name/id`, as CloudWatch names it. */
  targetGroupNames: string[];
  rules: CfnListenerRule[];
  canary?: Canary;
}

/** What a change of versions goes over. */
export interface Canary {
  url: string;
  alternateTargetGroup: string;
  productionRule: string;
  testRule: string;
  /** ARN of the role by which ECS moves the requests. */
  role: string;
}

/** The header that API Gateway puts in, and nobody else can. */
const header = 'x-fairlead-environment';

/** Of the rules of a listener. */
const mostPriorities = 50_000;

/** With a domain a host of its own, else an API of its own; in production twice, so that a new release can be tried. */
export function gateway(scope: Scope): FrontDoor {
  const { plan, settings, priority = priorityOf(scope) } = scope.input;
  const { graph } = plan.release.content;
  const meaning: Meaning = {
    subject: 'front door',
    ...(graph.gateway && { position: graph.gateway.position }),
  };
  const twice = plan.environment.type === 'production';
  const first = targetGroup(scope, 'TargetGroup', [], meaning);
  const second = twice ? targetGroup(scope, 'TargetGroupB', ['b'], meaning) : undefined;
  const groups = second ? [first, second] : [first];
  const { application, name: environment } = plan.environment;
  const name = `${application}/${environment}`;
  const guest = { foundation: settings.foundation, application, environment };
  const hosts = settings.domain && {
    own: hostName(settings.domain.name, guest),
    canary: canaryHostName(settings.domain.name, guest),
  };
  const rule = listenerRule(scope, 'Rule', { host: hosts?.own, header: name, priority, groups, meaning });
  const url = hosts ? `https://${hosts.own}` : api(scope, 'Api', [], name, meaning);
  const door = {
    url,
    targetGroup: first.ref,
    targetGroupNames: groups.map(({ attrTargetGroupFullName }) => attrTargetGroupFullName),
  };
  if (!second) return { ...door, rules: [rule] };
  const canaryMeaning = { ...meaning, subject: 'front door of a new release alone' };
  const testRule = listenerRule(scope, 'CanaryRule', {
    host: hosts?.canary,
    header: `${name}/canary`,
    priority: priority + 1,
    groups,
    meaning: canaryMeaning,
  });
  const mover = role(scope, 'CanaryRole', {
    parts: ['canary'],
    principal: 'ecs.amazonaws.com',
    saysAccount: false,
    statements: [
      // Elastic Load Balancing has no narrower resource for these.
      allow(
        'Look',
        ['DescribeListeners', 'DescribeRules', 'DescribeTargetGroups', 'DescribeTargetHealth'].map(
          (action) => `elasticloadbalancing:${action}`,
        ),
        ['*'],
      ),
      allow('Move', ['elasticloadbalancing:ModifyRule'], [rule.ref, testRule.ref]),
      allow(
        'Register',
        ['elasticloadbalancing:DeregisterTargets', 'elasticloadbalancing:RegisterTargets'],
        groups.map(({ ref }) => ref),
      ),
    ],
    meaning: { subject: 'what ECS may do to move requests to a new release' },
  });
  return {
    ...door,
    rules: [rule, testRule],
    canary: {
      url: hosts ? `https://${hosts.canary}` : api(scope, 'CanaryApi', ['canary'], `${name}/canary`, canaryMeaning),
      alternateTargetGroup: second.ref,
      productionRule: rule.ref,
      testRule: testRule.ref,
      role: mover.attrArn,
    },
  };
}

function priorityOf({ input }: Scope): number {
  const { application, name } = input.plan.environment;
  const half = mostPriorities / 2 - 1;
  return 1 + 2 * (Number.parseInt(shortHash([application, name]), 16) % half);
}

function targetGroup(scope: Scope, id: string, parts: string[], meaning: Meaning): CfnTargetGroup {
  const { preview } = scope;
  return mean(
    scope,
    new elb.CfnTargetGroup(scope.scope, id, {
      name: scope.name('targetGroup', ...parts),
      vpcId: scope.input.foundation.vpcId,
      targetType: 'ip',
      protocol: 'HTTP',
      port: processPort,
      healthCheckEnabled: true,
      healthCheckPath: '/__encore/healthz',
      healthCheckIntervalSeconds: preview ? 5 : 10,
      healthCheckTimeoutSeconds: preview ? 4 : 5,
      healthyThresholdCount: 2,
      unhealthyThresholdCount: preview ? 5 : 3,
      matcher: { httpCode: '200' },
      targetGroupAttributes: [{ key: 'deregistration_delay.timeout_seconds', value: preview ? '5' : '30' }],
    }),
    meaning,
  );
}

interface RuleOptions {
  host: string | undefined;
  header: string;
  priority: number;
  groups: CfnTargetGroup[];
  meaning: Meaning;
}

/** All requests to the first group; ECS moves them when there are two. */
function listenerRule(scope: Scope, id: string, { host, header: value, priority, groups, meaning }: RuleOptions) {
  return mean(
    scope,
    new elb.CfnListenerRule(scope.scope, id, {
      listenerArn: scope.input.foundation.listenerArn,
      priority,
      conditions: [
        host === undefined
          ? { field: 'http-header', httpHeaderConfig: { httpHeaderName: header, values: [value] } }
          : { field: 'host-header', hostHeaderConfig: { values: [host] } },
      ],
      actions: [
        {
          type: 'forward',
          forwardConfig: {
            targetGroups: groups.map(({ ref }, index) => ({ targetGroupArn: ref, weight: index === 0 ? 100 : 0 })),
          },
        },
      ],
    }),
    meaning,
  );
}

/** HTTPS without a domain: everything goes through the link to the load balancer, marked with whose it is. Answers its URL. */
function api(scope: Scope, id: string, parts: string[], value: string, meaning: Meaning): string {
  const { vpcLinkId, listenerArn } = scope.input.foundation;
  if (vpcLinkId === undefined) throw new Error('the Foundation has neither a domain nor a link');
  const made = mean(
    scope,
    new apigateway.CfnApi(scope.scope, id, {
      failOnWarnings: true,
      body: {
        openapi: '3.0.1',
        info: { title: scope.name('api', ...parts), version: '1' },
        paths: {
          '/$default': {
            'x-amazon-apigateway-any-method': {
              isDefaultRoute: true,
              responses: { default: { description: 'whatever the application answers' } },
              'x-amazon-apigateway-integration': {
                type: 'http_proxy',
                httpMethod: 'ANY',
                connectionType: 'VPC_LINK',
                connectionId: vpcLinkId,
                uri: listenerArn,
                payloadFormatVersion: '1.0',
                timeoutInMillis: 30_000,
                requestParameters: { [`overwrite:header.${header}`]: value },
              },
            },
          },
        },
      },
    }),
    meaning,
  );
  mean(
    scope,
    new apigateway.CfnStage(scope.scope, `${id}Stage`, { apiId: made.ref, stageName: '$default', autoDeploy: true }),
    meaning,
  );
  return made.attrApiEndpoint;
}
