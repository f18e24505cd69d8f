import { describe, expect, test } from '@jest/globals';
import { parseAddress } from '../../../images/registries/address.ts';
import { UserError } from '../../../pipeline/mod.ts';

describe('what a registry is', () => {
  const ecr = { kind: 'ecr', account: '123456789012', fips: false, dualstack: false };

  test.each([
    ['localhost:5000', { kind: 'oci', host: 'localhost:5000', name: 'shop' }],
    ['ghcr.io/team/apps', { kind: 'oci', host: 'ghcr.io', name: 'team/apps/shop' }],
    ['public.ecr.aws/alias', { kind: 'oci', host: 'public.ecr.aws', name: 'alias/shop' }],
    ['12345678901.dkr.ecr.eu-west-1.amazonaws.com', { kind: 'oci' }],
    ['docker.pkg.dev/a/b', { kind: 'oci' }],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', { ...ecr, region: 'eu-west-1', name: 'shop' }],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com/team', { ...ecr, region: 'eu-west-1', name: 'team/shop' }],
    ['123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn', { ...ecr, region: 'cn-north-1' }],
    ['123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com', { ...ecr, region: 'us-gov-west-1', fips: true }],
    ['123456789012.dkr-ecr.eu-west-1.on.aws', { ...ecr, region: 'eu-west-1', dualstack: true }],
    ['123456789012.dkr-ecr-fips.us-east-1.on.aws', { ...ecr, region: 'us-east-1', fips: true, dualstack: true }],
    [
      'europe-west1-docker.pkg.dev/project-1/apps',
      {
        kind: 'artifact-registry',
        name: 'project-1/apps/shop',
        parent: { project: 'project-1', location: 'europe-west1', repository: 'apps' },
      },
    ],
    [
      'us-docker.pkg.dev/example.com/project-1/apps/team',
      {
        name: 'example.com/project-1/apps/team/shop',
        parent: { project: 'example.com:project-1', location: 'us', repository: 'apps' },
      },
    ],
    ['eu.gcr.io/project-1', { kind: 'artifact-registry', name: 'project-1/shop' }],
  ])('%s', (registry, expected) => {
    expect(parseAddress(registry, 'shop')).toMatchObject(expected);
  });
});

test.each([
  'https://user:hunter2token@ghcr.io/acme',
  'user:hunter2token@ghcr.io/acme',
  'user:hunter2token/more@ghcr.io',
  'hunter2token@ghcr.io/acme',
])('%s is refused without its password', (registry) => {
  const read = () => parseAddress(registry, 'shop');
  expect(read).toThrow(/^FL2215: "(https:\/\/)?\*\*\*@ghcr\.io/);
  expect(read).not.toThrow('hunter2token');
});

describe('what is no registry says why', () => {
  test.each([
    ['', 'shop', 'it begins with no host'],
    ['team', 'shop', 'it begins with no host'],
    ['https://ghcr.io/team', 'shop', 'is a URL'],
    ['ghcr.io/team/', 'shop', 'its path'],
    ['ghcr.io/Team', 'shop', 'its path'],
    ['ghcr.io/team:v1', 'shop', 'its path'],
    ['ghcr.io/team', 'Shop', 'the name of the application'],
    ['ghcr.io/team', `s${'h'.repeat(255)}p`, 'the name of the application'],
    ['ghcr.io/../team', 'shop', 'its path'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 's', 'Amazon ECR has no such repositories'],
    ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'a--b', 'Amazon ECR has no such repositories'],
    ['europe-west1-docker.pkg.dev/project-1', 'shop', 'a project and a repository'],
    ['us-docker.pkg.dev/example.com/project-1', 'shop', 'a project and a repository'],
    ['gcr.io', 'shop', 'wants a project'],
  ])('%s with %.10s', (registry, application, why) => {
    const read = () => parseAddress(registry, application);
    expect(read).toThrow(UserError);
    expect(read).toThrow(/^FL2215: /);
    expect(read).toThrow(why);
  });
});
