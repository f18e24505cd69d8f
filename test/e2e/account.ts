import type { Fairlead } from '../../examples/demo/fairlead.ts';
import { makeFakeAws } from '../fakes/aws/fake.ts';
import type { Sts } from '../fakes/aws/services/sts/sts.ts';
import type { FakeGitHub } from '../fakes/github/fake.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import type { Place } from './place.ts';

const region = 'eu-central-1';

interface Bootstrapped {
  roles: { environment: string; role: string }[];
}

/**
 * An account of AWS that is a fake, whose tasks and databases really run. Jobs have no keys: they sign in with their identity, to the roles
 * that `fairlead bootstrap aws` makes, and may do what those roles may.
 */
export async function openAccount(): Promise<Place> {
  const aws = await makeFakeAws({ containers: 'real', region, enforceIam: true });
  const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, ...without } = aws.env;
  return {
    target: 'aws',
    // The fake's containers find Node on this machine.
    settings: { target: 'aws', build: { base: 'scratch', platforms: ['linux/amd64'] } },
    env: { ...aws.env, FAIRLEAD_CLOUD: 'aws' },
    jobs: without,
    now: () => new Date(aws.world.clock.now()),
    init: ['--target', 'aws', '--region', region],
    async admit(fairlead: Fairlead, { id, owner, fullName }: Repository, github: FakeGitHub) {
      aws.world.service<Sts>('sts').trustIssuer('token.actions.githubusercontent.com', { url: github.urls.oidc });
      const whose = ['--repository', fullName, '--repository-id', String(id), '--owner-id', String(owner.id)];
      const { roles } = await fairlead.json<Bootstrapped>([
        ...['bootstrap', 'aws', '--apply', '--region', region, '--branch', 'main'],
        ...whose,
      ]);
      return Object.fromEntries(
        roles.map(({ environment, role }) => [`FAIRLEAD_${environment.toUpperCase()}_ROLE`, role]),
      );
    },
    leftovers: ['preview', 'production'].map((type) => ['destroy', '--foundation', type, '--yes']),
    dispose: () => aws.dispose(),
  };
}
