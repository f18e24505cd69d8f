import { AwsError, type Properties, type ResourceProvider, type Service, type World } from '../../model.ts';
import type { Ec2 } from '../ec2/ec2.ts';
import type { ElasticLoadBalancing } from '../elasticloadbalancing/elasticloadbalancing.ts';
import { type Keeper, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';
import { type ApiDocument, type Integration, type Route, routesOf } from './document.ts';
import { type ApiServer, serveApi } from './server.ts';

/** HTTP APIs of API Gateway (version 2). Each is a real server; `ApiEndpoint` is its URL, which speaks HTTP. */
export function createApiGateway(world: World): Service {
  const servers = new Map<string, ApiServer>();
  const links = new Map<string, string[]>();
  const id = () => world.random.text(10);

  const apis: Keeper = keeper({
    id,
    check({ Body, Name }) {
      if (!Body && !Name) throw new AwsError('BadRequestException', 'Name is required');
      for (const { integration } of routesOf(Body ?? {})) valid(integration);
    },
    attributes: (kept) => ({ ApiId: kept.id, ApiEndpoint: servers.get(kept.id)?.url }),
    async made(kept) {
      servers.set(kept.id, await serveApi({ routes: () => routesFor(kept.id), staged: () => staged(kept.id), target }));
    },
    async remove(kept) {
      await servers.get(kept.id)?.close();
      servers.delete(kept.id);
      for (const { all } of [stages, routes, integrations])
        for (const one of [...all.values()]) if (one.properties.ApiId === kept.id) all.delete(one.id);
    },
    latency: latencies.api,
    wishes: verbs('apis'),
  });

  const stages: Keeper = keeper({
    id: ({ ApiId, StageName }) => `${ApiId}/${StageName}`,
    check: ({ ApiId }) => present(apis, ApiId, 'API'),
  });
  /** `Ref` is the name alone, and that is the same in every API. */
  const stageProvider: ResourceProvider = {
    async create(properties, context) {
      await stages.provider.create(properties, context);
      return { id: properties.StageName, attributes: {} };
    },
    async update(id, properties, previous, context) {
      await stages.provider.update(`${properties.ApiId}/${id}`, properties, previous, context);
      return { id, attributes: {} };
    },
    delete: (id, properties, context) => stages.provider.delete(`${properties.ApiId}/${id}`, properties, context),
    async read(id, { stack, logicalId }) {
      const own = [...stages.all.values()].find(
        ({ properties, tags }) =>
          properties.StageName === id &&
          tags['aws:cloudformation:stack-id'] === stack.id &&
          tags['aws:cloudformation:logical-id'] === logicalId,
      );
      return structuredClone(own?.properties);
    },
    latency: latencies.small,
    wishes: verbs('apis/*/stages'),
  };

  const integrations = keeper({
    id: () => world.random.text(7),
    check({ ApiId, ...written }) {
      present(apis, ApiId, 'API');
      valid(integrationOf(written));
    },
    attributes: (kept) => ({ IntegrationId: kept.id }),
    latency: latencies.small,
    wishes: verbs('apis/*/integrations'),
  });

  const routes = keeper({
    id: () => world.random.text(7),
    check({ ApiId, RouteKey }, _context, own) {
      present(apis, ApiId, 'API');
      if (
        [...routes.all.values()].some(
          (one) => one.id !== own && one.properties.ApiId === ApiId && one.properties.RouteKey === RouteKey,
        )
      )
        throw new AwsError('ConflictException', `Route with key ${RouteKey} already exists for this API`, 409);
    },
    attributes: (kept) => ({ RouteId: kept.id }),
    latency: latencies.small,
    wishes: verbs('apis/*/routes'),
  });

  const vpcLinks: Keeper = keeper({
    id,
    attributes: (kept) => ({ VpcLinkId: kept.id }),
    made({ id: link, properties }, context) {
      const { interfaces } = world.service<Ec2>('ec2');
      const plugged = (properties.SubnetIds as string[]).map(
        (subnetId) =>
          interfaces.plug(context, {
            subnetId,
            securityGroups: properties.SecurityGroupIds ?? [],
            description: `API Gateway VPC link ${link}`,
            requester: 'apigateway',
          }).id,
      );
      links.set(link, plugged);
    },
    async remove({ id: link }) {
      const { interfaces } = world.service<Ec2>('ec2');
      await Promise.all((links.get(link) ?? []).map((one) => interfaces.unplug(one)));
      links.delete(link);
    },
    latency: latencies.vpcLink,
    wishes: verbs('vpclinks'),
  });

  function routesFor(api: string): Route[] {
    const own = [...routes.all.values()].filter(({ properties }) => properties.ApiId === api);
    const made = own.flatMap(({ properties }) => {
      const integration = integrations.all.get(String(properties.Target).replace('integrations/', ''));
      return integration ? { key: properties.RouteKey, integration: integrationOf(integration.properties) } : [];
    });
    return [...routesOf((apis.all.get(api)?.properties.Body ?? {}) as ApiDocument), ...made];
  }

  function staged(api: string): boolean {
    return stages.all.has(`${api}/$default`);
  }

  function target({ connectionType, connectionId, uri }: Integration): string | undefined {
    if (connectionType !== 'VPC_LINK') return new URL(uri).origin;
    if (!vpcLinks.all.has(connectionId ?? '')) return undefined;
    return world.service<ElasticLoadBalancing>('elasticloadbalancing').addressOf(uri);
  }

  function valid({ type, connectionType, connectionId, uri, timeout }: Integration): void {
    const bad = (message: string) => new AwsError('BadRequestException', message);
    if (type !== 'HTTP_PROXY') throw bad(`Invalid integration type specified: ${type}`);
    if (timeout < 50 || timeout > 30_000) throw bad('Timeout should be between 50 ms and 30000 ms');
    if (connectionType !== 'VPC_LINK') return;
    present(vpcLinks, connectionId, 'VpcLink');
    // "HTTP API private integrations": the ARN of a listener, or of a service of Cloud Map.
    if (!/^arn:aws[\w-]*:elasticloadbalancing:.*:listener\//.test(uri))
      throw bad(
        'For VpcLink VPC_LINK integration uri should be a valid ELB listener ARN or a valid Cloud Map service ARN.',
      );
  }

  return {
    id: 'apigateway',
    authorize: (operation, input: { ApiId?: string }, call) => {
      const verb = /^(Get|Create|Update|Delete)/.exec(operation)?.[1] ?? 'Get';
      const method = { Get: 'GET', Create: 'POST', Update: 'PATCH', Delete: 'DELETE' }[verb];
      return [
        {
          action: `apigateway:${method}`,
          resource: `arn:aws:apigateway:${call.region}::/apis${input.ApiId ? `/${input.ApiId}` : ''}`,
        },
      ];
    },
    *tagged() {
      for (const one of apis.all.values())
        yield { arn: `arn:aws:apigateway:${one.region}::/apis/${one.id}`, tags: one.tags };
      for (const one of vpcLinks.all.values())
        yield { arn: `arn:aws:apigateway:${one.region}::/vpclinks/${one.id}`, tags: one.tags };
    },
    resources: {
      'AWS::ApiGatewayV2::Api': apis.provider,
      'AWS::ApiGatewayV2::Stage': stageProvider,
      'AWS::ApiGatewayV2::Integration': integrations.provider,
      'AWS::ApiGatewayV2::Route': routes.provider,
      'AWS::ApiGatewayV2::VpcLink': vpcLinks.provider,
    },
    operations: {
      GetApis: (_input: unknown, call) => ({
        Items: apis.of(call).map((one) => ({
          ApiId: one.id,
          ApiEndpoint: one.attributes.ApiEndpoint,
          Name: one.properties.Name ?? one.properties.Body?.info?.title,
          ProtocolType: 'HTTP',
          Tags: one.tags,
        })),
      }),
    },
    async dispose() {
      await Promise.all([...servers.values()].map((server) => server.close()));
    },
  };
}

function present(among: Keeper, id: unknown, noun: string): void {
  if (!among.all.has(String(id)))
    throw new AwsError('NotFoundException', `Invalid ${noun} identifier specified ${id}`, 404);
}

/** As `AWS::ApiGatewayV2::Integration` writes it. */
function integrationOf(written: Properties): Integration {
  return {
    type: written.IntegrationType,
    uri: written.IntegrationUri ?? '',
    method: written.IntegrationMethod ?? 'ANY',
    connectionType: written.ConnectionType ?? 'INTERNET',
    ...(written.ConnectionId && { connectionId: written.ConnectionId }),
    timeout: Number(written.TimeoutInMillis ?? 30_000),
    parameters: written.RequestParameters ?? {},
  };
}

/** Service Authorization Reference, "Amazon API Gateway Management V2": actions are methods of HTTP, resources are paths. */
function verbs(path: string): NonNullable<ResourceProvider['wishes']> {
  const methods = { create: ['POST', 'GET', 'PUT'], update: ['PATCH', 'GET', 'PUT'], delete: ['DELETE', 'GET'] };
  return (verb, _properties, context, id) =>
    methods[verb].map((method) => ({
      action: `apigateway:${method}`,
      resource: `arn:aws:apigateway:${context.region}::/${path}${id && !path.includes('*') ? `/${id}` : ''}`,
    }));
}
