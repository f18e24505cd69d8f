import { AwsError, type Service, type World } from '../../model.ts';
import { actions, type Keeper, keeper } from '../keeper.ts';
import { latencies } from '../latencies.ts';

/** Amazon CloudFront: distributions have a name, and carry nothing. */
export function createCloudFront(world: World): Service {
  const id = () => `E${world.random.text(13, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789')}`;
  const arnOf = (account: string, distribution: string) =>
    `arn:aws:cloudfront::${account}:distribution/${distribution}`;

  const controls: Keeper = keeper({
    id,
    attributes: (kept) => ({ Id: kept.id }),
    check({ OriginAccessControlConfig: config }, context, own) {
      const taken = [...controls.all.values()].some(
        (one) =>
          one.id !== own &&
          one.account === context.account &&
          one.properties.OriginAccessControlConfig.Name === config.Name,
      );
      if (taken)
        throw new AwsError(
          'OriginAccessControlAlreadyExists',
          'An origin access control with the same name already exists',
          409,
        );
    },
    remove({ id: own }) {
      const used = [...distributions.all.values()].some(({ properties }) =>
        properties.DistributionConfig.Origins?.some(
          (one: { OriginAccessControlId?: string }) => one.OriginAccessControlId === own,
        ),
      );
      if (used)
        throw new AwsError(
          'OriginAccessControlInUse',
          'Cannot delete the origin access control because it is in use',
          409,
        );
    },
    latency: latencies.small,
    wishes: actions({
      create: ['cloudfront:CreateOriginAccessControl'],
      update: ['cloudfront:UpdateOriginAccessControl', 'cloudfront:GetOriginAccessControl'],
      delete: ['cloudfront:DeleteOriginAccessControl', 'cloudfront:GetOriginAccessControl'],
    }),
  });

  const distributions: Keeper = keeper({
    id,
    attributes: (kept) => ({ Id: kept.id, DomainName: `d${kept.id.slice(1).toLowerCase()}.cloudfront.net` }),
    check({ DistributionConfig: { Origins = [] } }) {
      for (const { OriginAccessControlId: control } of Origins)
        if (control && !controls.all.has(control))
          throw new AwsError('NoSuchOriginAccessControl', 'The specified origin access control does not exist.', 404);
    },
    latency: latencies.distribution,
    wishes: actions(
      {
        create: ['cloudfront:CreateDistribution', 'cloudfront:GetDistribution', 'cloudfront:TagResource'],
        update: [
          'cloudfront:UpdateDistribution',
          'cloudfront:GetDistribution',
          'cloudfront:GetDistributionConfig',
          'cloudfront:TagResource',
        ],
        delete: ['cloudfront:DeleteDistribution', 'cloudfront:GetDistribution', 'cloudfront:UpdateDistribution'],
      },
      (_properties, { account }, own) => arnOf(account, own ?? '*'),
    ),
  });

  return {
    id: 'cloudfront',
    tagged: () => [...distributions.all.values()].map((one) => ({ arn: arnOf(one.account, one.id), tags: one.tags })),
    resources: {
      'AWS::CloudFront::Distribution': distributions.provider,
      'AWS::CloudFront::OriginAccessControl': controls.provider,
    },
    operations: {},
  };
}
