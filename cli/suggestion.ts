import { nearest } from '../analyzer/suggest.ts';

/** What other tools call our commands. */
const synonyms = new Map([
  ['deploy', 'preview or promote'],
  ['release', 'promote'],
  ['dev', 'run'],
  ['revert', 'rollback'],
  ['ls', 'status or secret list'],
  ['rm', 'secret remove'],
  ['delete', 'secret remove'],
]);

/**
 * Commander suggests what is spelled alike, sometimes from afar. What is meant alike is better, and what removes everything is never
 * a good guess.
 */
export function withBetterSuggestion(message: string): string {
  const unknown = /^unknown command '(.*)'/.exec(message);
  if (!unknown) return message;
  const suggested = /Did you mean (.*)\?/.exec(message)?.[1];
  // A near miss of what other tools call it is no worse than one of what we call it.
  const meant = nearest(unknown[1]!, [...(suggested === undefined ? [] : [suggested]), ...synonyms.keys()]);
  const synonym = synonyms.get(unknown[1]!) ?? synonyms.get(meant ?? '');
  if (synonym !== undefined) return `${unknown[0]}\n(Did you mean ${synonym}?)`;
  return message.includes('destroy?') ? unknown[0] : message;
}
