import { duration } from '../duration.ts';
import type { Environment } from '../environment.ts';
import { code, cut, link } from '../markdown.ts';
import type { CommentContext } from './content.ts';
import { commitOf, longestName, moment, total } from './words.ts';

/** What a circle says at a glance; the words say it too. */
export type Sign = '🟢' | '🟡' | '🔴' | '⚪';

/** One line that says the state of an environment, and below it in small which commit and release, when and how long. */
export function headOf(
  sign: Sign,
  { application, pullRequest, name }: Environment,
  state: string,
  { links, at, phases, milliseconds = total(phases) }: CommentContext,
  { commit, release }: { commit?: string | undefined; release?: string } = {},
): string {
  const which = pullRequest === undefined ? code(cut(name, longestName)) : 'The preview';
  const facts = [
    ...(commit === undefined ? [] : [`commit ${commitOf(commit, links)}`]),
    ...(release === undefined ? [] : [`release ${code(release)}`]),
    ...(at === undefined ? [] : [moment(at)]),
    ...(milliseconds === undefined ? [] : [`took ${duration(milliseconds)}`]),
    ...(links?.run === undefined ? [] : [link('log', links.run)]),
  ];
  const line = `${sign} **${which} of ${code(cut(application, longestName))}** ${state}`;
  return facts.length === 0 ? line : `${line}\\\n<sub>${facts.join(' · ')}</sub>`;
}
