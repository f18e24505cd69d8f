import { brokenStart, giftNotes, noteLimit } from './changes.ts';
import { difference } from './place.ts';
import { Shop } from './shop.ts';
import { type Deployed, look, recall, type Step } from './stage.ts';

const mailApiKey = 'a-key-that-no-log-may-show';

/** From the first merge to the rollback, in the order it happens. */
export const story: Step[] = [
  {
    title: 'The shop is merged to main: production answers',
    async play({ fairlead, memory, telling }) {
      await fairlead.succeed(['secret', 'set', 'MailApiKey', '--type', 'preview,production'], mailApiKey);
      const production = await fairlead.json<Deployed>(['promote']);
      memory.first = production;
      const { status, body } = await new Shop(production.url).order({ product: 'rope', quantity: 3 });
      telling.expect('production takes an order at the price of the day', [status, body.total], [200, 2370]);
      const { processes } = await fairlead.environment('production');
      telling.expect('each service has its own process, behind a gateway', processes.map(({ name }) => name).sort(), [
        'analytics',
        'gateway',
        'notifications',
        'orders',
      ]);
    },
  },
  {
    title: 'Pull request 1 adds a field and a migration: pr-1 has it, production does not',
    async play(stage) {
      const { fairlead, memory, repository, telling } = stage;
      const production = recall(stage, 'first');
      memory.before = await look(stage);
      await repository.branch('gift-notes');
      await repository.commit('Let an order carry a note', giftNotes);
      const preview = await fairlead.json<Deployed>(['preview', '--pr', '1']);
      memory.preview = preview;
      telling.show('The pull request shows:', (preview.comment ?? '').replace(/^<!--.*-->\s*/, ''));
      const order = { product: 'rope', quantity: 1, note: 'Happy birthday!' } as const;
      const there = await new Shop(preview.url).order(order);
      telling.expect('pr-1 answers with the note', [there.status, there.body.note], [200, order.note]);
      const here = await new Shop(production.url).order(order);
      telling.expect('production has no such field', [here.status, 'note' in here.body], [200, false]);
      telling.expect('each has its own orders: number 1 there, number 2 here', [there.body.id, here.body.id], [1, 2]);
    },
  },
  {
    title: 'Another push updates pr-1',
    async play(stage) {
      const { fairlead, memory, repository, telling } = stage;
      const { url } = recall(stage, 'preview');
      const order = { product: 'rope', quantity: 1, note: 'a long story '.repeat(10) } as const;
      const shop = new Shop(url);
      telling.expect('so far a note may have any length', (await shop.order(order)).status, 200);
      await repository.commit('Limit the note to what fits on a card', noteLimit);
      memory.preview = await fairlead.json<Deployed>(['preview', '--pr', '1']);
      telling.expect('the URL stays', memory.preview.url, url);
      const { status, body } = await shop.order(order);
      telling.expect('a note that is too long is refused', [status, body.code], [400, 'invalid_argument']);
      telling.expect('the orders stay', (await shop.read(1)).status, 200);
    },
  },
  {
    title: 'An order in pr-1 flows through the topic, both subscribers and both databases',
    async play(stage) {
      const { fairlead, place, telling } = stage;
      const shop = new Shop(recall(stage, 'preview').url);
      const placed = { orders: 2, revenue: 2 * 790 };
      await telling.eventually('analytics counts the two orders so far', () => shop.sales(), placed);
      const id = (await shop.order({ product: 'compass', quantity: 2, note: 'For Ben' })).body.id as number;
      const confirmed = async () => typeof (await shop.read(id)).body.confirmedAt;
      await telling.eventually('notifications tells the customer and lets orders know', confirmed, 'string');
      const sales = { orders: 3, revenue: placed.revenue + 2 * 2350 };
      await telling.eventually('analytics counts the new one', () => shop.sales(), sales);
      telling.expect('the order is in database orders', await place.has('orders', 'orders', { id }), true);
      telling.expect(
        'the sale is in database analytics',
        await place.has('analytics', 'sales', { order_id: id }),
        true,
      );
      await fairlead.succeed(['cron', 'trigger', 'roll-up-sales', '--env', 'pr-1']);
      telling.expect('rolled up by the cron job, the sales are the same', await shop.sales(), sales);
      telling.expect('a private endpoint does not exist for the outside', (await shop.confirm(id)).status, 404);
      const log = await fairlead.succeed(['logs', '--env', 'pr-1']);
      telling.expect('the log has the mail', log.includes(`order-${id}`), true);
      telling.expect('the log does not have the secret', log.includes(mailApiKey), false);
    },
  },
  {
    title: 'The pull request is merged and closed: nothing of pr-1 remains',
    async play(stage) {
      const { fairlead, repository, telling } = stage;
      const before = recall(stage, 'before');
      await repository.merge('gift-notes');
      const had = difference(await look(stage), before);
      for (const kind of Object.keys(before)) {
        const count = had[kind]?.length ?? 0;
        telling.expect(`pr-1 has ${kind}: ${count}`, count > 0, true);
      }
      await fairlead.succeed(['cleanup', '--pr', '1']);
      const after = await look(stage);
      telling.expect('not one of them is left', difference(after, before), {});
      telling.expect('and nothing of production is missing', difference(before, after), {});
    },
  },
  {
    title: 'The merge is promoted: production runs the very build that pr-1 ran',
    async play(stage) {
      const { fairlead, repository, telling } = stage;
      const [first, preview] = [recall(stage, 'first'), recall(stage, 'preview')];
      const { url, release, provenBy } = await fairlead.json<Deployed>(['promote']);
      telling.expect(
        `the release is the reviewed one, ${preview.release}`,
        [release, provenBy],
        [preview.release, 'pr-1'],
      );
      telling.expect(
        'it came from the merge commit',
        (await fairlead.environment('production')).source?.commit,
        await repository.head(),
      );
      const proof = ['build', await repository.clone(), '--verify', release, '--no-cache'];
      const { kind, unproved } = await fairlead.json<{ kind: string; unproved: string[] }>(proof);
      telling.expect(
        'built once more in a fresh clone elsewhere, it comes out the same to the bit',
        [kind, unproved],
        ['verified', []],
      );
      telling.expect('the URL stays', url, first.url);
      const { body } = await new Shop(url).order({ product: 'rope', quantity: 1, note: 'Ahoy' });
      telling.expect('production answers with the note', body.note, 'Ahoy');
      telling.expect('the orders stay', (await new Shop(url).read(1)).status, 200);
    },
  },
  {
    title: 'A release that does not become healthy is refused: the old one keeps answering',
    async play(stage) {
      const { fairlead, repository, telling } = stage;
      const [first, preview] = [recall(stage, 'first'), recall(stage, 'preview')];
      await repository.commit('Print the cards', brokenStart);
      const { exitCode, stderr } = await fairlead.run(['promote', '--quiet']);
      telling.show('The deployment says:', stderr);
      telling.expect('the deployment fails', exitCode, 1);
      telling.expect('it says why', stderr.includes('CARD_PRINTER_URL is not set'), true);
      telling.expect(
        'in lines one can read',
        stderr.split('\n').every((line) => line.length < 600),
        true,
      );
      telling.expect('production is what it was', (await fairlead.environment('production')).release, preview.release);
      telling.expect('and answers', (await new Shop(first.url).read(1)).status, 200);
    },
  },
  {
    title: 'A rollback brings the release before back; merges are held until someone resumes',
    async play(stage) {
      const { fairlead, repository, telling } = stage;
      const [first, preview] = [recall(stage, 'first'), recall(stage, 'preview')];
      const running = async () => (await fairlead.environment('production')).release;
      await fairlead.succeed(['rollback', '--reason', 'notes are printed upside down']);
      telling.expect('production runs its first release again', await running(), first.release);
      const { status, body } = await new Shop(first.url).order({ product: 'rope', quantity: 1, note: 'Ahoy' });
      telling.expect('it works on the newer schema, without the note', [status, 'note' in body], [200, false]);
      await repository.revert();
      const { exitCode, stdout } = await fairlead.run(['promote', '--quiet']);
      telling.show('The next merge says:', stdout);
      telling.expect('the next merge is held', [exitCode, await running()], [3, first.release]);
      await fairlead.succeed(['resume']);
      telling.expect(
        'after the resume it passes',
        (await fairlead.json<Deployed>(['promote'])).release,
        preview.release,
      );
      telling.expect('and answers with the note again', 'note' in (await new Shop(first.url).read(1)).body, true);
    },
  },
];
