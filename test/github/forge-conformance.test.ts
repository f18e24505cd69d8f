import { expect } from '@jest/globals';
import { describeForge } from '../conformance/forge.ts';
import { actionsBot } from '../fakes/github/model/users.ts';
import { fixture } from './fake-forge.ts';

describeForge('of GitHub', async () => {
  const { fake, repository, forge } = fixture();
  return {
    forge,
    open: async ({ title }) => {
      const { number, head } = repository.pulls.open({ title });
      return { number, head: head.sha };
    },
    push: async (number) => repository.pulls.push(number),
    close: async (number) => repository.pulls.close(number),
    comments: async (number) =>
      repository.comments.list(number).flatMap(({ user, body }) => (user === actionsBot ? [body] : [])),
    pass: (milliseconds) => fake.clock.advance(milliseconds),
    dispose: async () => expect(fake.violations).toEqual([]),
  };
});
