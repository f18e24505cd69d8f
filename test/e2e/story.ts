import { brokenStart, giftNotes, noteLimit } from '../../examples/demo/changes.ts';
import { Shop } from '../../examples/demo/shop.ts';
import type { Telling } from '../../examples/demo/telling.ts';
import type { Happening, Played, Stage } from './stage.ts';

export interface Chapter {
  title: string;
  /** Whether a brief telling leaves it out. @default false */
  long?: boolean;
  play(stage: Stage, telling: Telling): Promise<void>;
}

const preview = (action: string, number: number): Happening => ({
  event: 'pull_request',
  workflow: 'fairlead-preview.yml',
  action,
  number,
});
const closed = (number: number): Happening => ({
  event: 'pull_request_target',
  workflow: 'fairlead-cleanup.yml',
  action: 'closed',
  number,
});
const push: Happening = { event: 'push', workflow: 'fairlead-production.yml' };

const mailApiKey = 'a-key-that-no-log-may-show';

/** From the pull request that adds the kit to the sweep of what was forgotten, in the order it happens. */
export const story: Chapter[] = [
  {
    title: 'A pull request adds the four workflow files: pr-1 answers',
    async play(stage, telling) {
      await stage.work.commit('Keep the shop by itself', ownPackage);
      await stage.publish('main');
      await stage.admit();
      await stage.fairlead.succeed(['secret', 'set', 'MailApiKey', '--type', 'preview,production'], mailApiKey);
      await stage.work.branch('add-fairlead');
      await stage.fairlead.succeed(['init', ...stage.place.init, '--branch', 'main']);
      await stage.push('add-fairlead', 'Deploy with Fairlead', []);
      const { number } = await stage.open('add-fairlead', 'Deploy with Fairlead');
      await succeed(stage, telling, preview('opened', number));
      const order = await (await shopOf(stage, 'pr-1')).order({ product: 'rope', quantity: 3 });
      telling.expect('pr-1 takes an order', order.status, 200);
      telling.show('The pull request shows:', visible(stage.comment(number)));
    },
  },
  {
    title: 'It is merged: what pr-1 ran goes to production, and pr-1 is gone',
    async play(stage, telling) {
      const reviewed = await releaseOf(stage, 'pr-1');
      await merge(stage, telling, 1, 'add-fairlead');
      telling.expect('production runs the very release that pr-1 ran', await releaseOf(stage, 'production'), reviewed);
      telling.expect('production answers', (await (await shopOf(stage, 'production')).sales()).orders, 0);
    },
  },
  {
    title: 'Pull request 2 adds a field and a migration, and is pushed to again',
    async play(stage, telling) {
      await stage.work.branch('gift-notes');
      await stage.push('gift-notes', 'Let an order carry a note', giftNotes);
      const { number } = await stage.open('gift-notes', 'Gift notes');
      await succeed(stage, telling, preview('opened', number));
      telling.show('The pull request shows:', visible(stage.comment(number)));
      const order = { product: 'rope', quantity: 1, note: 'a long story '.repeat(10) } as const;
      const shop = await shopOf(stage, 'pr-2');
      telling.expect('a note may have any length', (await shop.order(order)).status, 200);
      await stage.push('gift-notes', 'Limit the note to what fits on a card', noteLimit);
      await succeed(stage, telling, preview('synchronize', number));
      telling.expect('after the push one that is too long is refused', (await shop.order(order)).status, 400);
      telling.expect('production is as it was', (await environmentNames(stage)).includes('production'), true);
      const isPriced = stage.comment(number)?.includes('**Cost of production**') ?? false;
      telling.expect(
        'the comment says what production will cost, where that is known',
        isPriced,
        stage.place.target === 'aws',
      );
      telling.expect('a run of an older push does nothing', (await stale(stage, number)).exitCode, 0);
    },
  },
  {
    title: 'It is merged: the reviewed plan is applied',
    async play(stage, telling) {
      const reviewed = await releaseOf(stage, 'pr-2');
      await merge(stage, telling, 2, 'gift-notes');
      telling.expect('production runs the very release that pr-2 ran', await releaseOf(stage, 'production'), reviewed);
      telling.show('The closed pull request shows:', visible(stage.comment(2)));
    },
  },
  {
    title: 'A release that does not start is refused, in its preview and in production',
    long: true,
    async play(stage, telling) {
      const before = await releaseOf(stage, 'production');
      await stage.work.branch('print-cards');
      await stage.push('print-cards', 'Print the cards', brokenStart);
      const { number } = await stage.open('print-cards', 'Print the cards');
      const { exitCode } = await stage.run(preview('opened', number));
      telling.expect('the workflow is red', exitCode === 0, false);
      const comment = stage.comment(number) ?? '';
      telling.show('The pull request shows:', visible(comment));
      telling.expect('the comment says why', comment.includes('CARD'), true);
      await stage.work.merge('print-cards');
      await stage.publish('main');
      const merged = await stage.run(push);
      telling.expect('merged all the same, it is refused: no preview has run it', merged.exitCode === 0, false);
      telling.expect('and the log says so', merged.log.includes('FL3016'), true);
      telling.expect('production is what it was', await releaseOf(stage, 'production'), before);
      stage.hosted.pulls.close(number);
      await succeed(stage, telling, closed(number));
      telling.expect('nothing is left of it', await environmentNames(stage), ['production']);
    },
  },
  {
    title: 'A button rolls back; a merge is held until another resumes',
    long: true,
    async play(stage, telling) {
      const reviewed = await releaseOf(stage, 'production');
      const dispatch = (inputs: Record<string, string>): Happening => ({
        event: 'workflow_dispatch',
        workflow: 'fairlead-rollback.yml',
        inputs: {
          action: 'rollback',
          environment: 'production',
          release: '',
          reason: '',
          'dry-run': 'false',
          ...inputs,
        },
      });
      await succeed(stage, telling, dispatch({ 'dry-run': 'true' }));
      telling.expect('a dry run changes nothing', await releaseOf(stage, 'production'), reviewed);
      const nowhere = await stage.run(dispatch({ release: 'abcdef012345' }));
      telling.expect('a release that does not exist is refused', nowhere.exitCode === 0, false);
      await succeed(stage, telling, dispatch({ reason: 'notes are printed upside down' }));
      const former = await releaseOf(stage, 'production');
      telling.expect('production runs another release', former === reviewed, false);
      await stage.work.revert();
      await stage.publish('main');
      const held = await stage.run(push);
      telling.expect('the next merge ends green', held.exitCode, 0);
      telling.expect('says that production is held', held.log.includes('upside down'), true);
      telling.expect('and changes nothing', await releaseOf(stage, 'production'), former);
      await succeed(stage, telling, dispatch({ action: 'resume' }));
      await succeed(stage, telling, push);
      telling.expect('after the resume it passes', await releaseOf(stage, 'production'), reviewed);
    },
  },
  {
    title: 'A pull request whose closing nobody heard of is swept up',
    long: true,
    async play(stage, telling) {
      await stage.work.branch('forgotten');
      await stage.push('forgotten', 'Say more', [{ file: 'README.md', content: '# Shop\n' }]);
      const { number } = await stage.open('forgotten', 'Say more');
      await succeed(stage, telling, preview('opened', number));
      telling.show('The pull request shows:', visible(stage.comment(number)));
      stage.hosted.pulls.close(number);
      const names = await environmentNames(stage);
      telling.expect('its preview is still there', names, [`pr-${number}`, 'production']);
      await succeed(stage, telling, { event: 'schedule', workflow: 'fairlead-cleanup.yml' });
      telling.expect('after the sweep it is gone', await environmentNames(stage), ['production']);
    },
  },
  {
    title: 'No log shows a secret, and GitHub had nothing against any request',
    async play(stage, telling) {
      const leaks = stage.runs.filter(({ log }) => log.includes(mailApiKey) || /gh[sp]_[0-9a-f]{36}/.test(log));
      telling.expect('no secret and no token is in a log', leaks.length, 0);
      stage.fake.expectNoViolations();
      const drafts = stage.hosted.deployments.list().length;
      telling.expect('GitHub has a record of every deployment', drafts > 3, true);
    },
  },
];

/** The example gets its packages from this repository; one of its own brings none. */
export const ownPackage = [
  {
    file: 'package.json',
    content: `${JSON.stringify({ name: 'shop', version: '1.0.0', private: true, type: 'module' }, null, 2)}\n`,
  },
  {
    file: 'package-lock.json',
    content: `${JSON.stringify({
      ...{ name: 'shop', version: '1.0.0', lockfileVersion: 3, requires: true },
      packages: { '': { name: 'shop', version: '1.0.0' } },
    })}\n`,
  },
];

async function succeed(stage: Stage, telling: Telling, happening: Happening): Promise<Played> {
  const played = await stage.run(happening);
  if (played.exitCode !== 0) telling.show('The log of the run:', played.log);
  const { event, action, workflow, number } = happening;
  const what = [event, action, number === undefined ? '' : `#${number}`].filter((part) => part).join(' ');
  telling.expect(`${workflow} on ${what} is green, with ${played.requests} requests`, played.exitCode, 0);
  return played;
}

async function merge(stage: Stage, telling: Telling, number: number, branch: string): Promise<void> {
  await stage.merge(number, branch);
  await succeed(stage, telling, closed(number));
  await succeed(stage, telling, push);
}

/** The run of the push before the last, once more. */
async function stale(stage: Stage, number: number): Promise<Played> {
  const pull = stage.hosted.pulls.require(number);
  const current = pull.head.sha;
  const [parent = ''] = stage.hosted.world.commits.get(current)?.parents ?? [];
  return stage.run({ ...preview('synchronize', number), head: parent });
}

async function environmentNames(stage: Stage): Promise<string[]> {
  return (await stage.fairlead.environments()).map(({ environment }) => environment.name).sort();
}

async function releaseOf(stage: Stage, name: string): Promise<string | undefined> {
  return (await stage.fairlead.environment(name)).release;
}

async function shopOf(stage: Stage, name: string): Promise<Shop> {
  return new Shop((await stage.fairlead.environment(name)).url ?? '');
}

function visible(comment = '(nothing)'): string {
  return comment.replace(/^<!--.*-->\s*/, '');
}
