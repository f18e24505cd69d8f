import { parseLocalSecrets } from '../local/mod.ts';
import { readText } from './application.ts';

/** The values beside the application that win over those of `fairlead secret set --type local`. @throws UserError FL4013 */
export function readLocalSecrets(directory: string): Record<string, string> {
  const read = (format: 'cue' | 'json') => {
    const text = readText(directory, `.secrets.local.${format}`);
    return text === undefined ? {} : parseLocalSecrets(text, format);
  };
  return { ...read('cue'), ...read('json') };
}
