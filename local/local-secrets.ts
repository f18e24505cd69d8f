import { UserError } from '../pipeline/user-error.ts';

/**
 * Reads a `.secrets.local.cue` (lines of `NAME: "value"`, comments with `//`) or a `.secrets.local.json` (one object of strings).
 * @throws UserError FL4013 with the line, never with the value
 */
export function parseLocalSecrets(text: string, format: 'cue' | 'json'): Record<string, string> {
  return format === 'cue' ? parseCue(text) : parseJson(text);
}

function parseCue(text: string): Record<string, string> {
  const entries = text.split('\n').flatMap((line, index): [string, string][] => {
    if (/^\s*(\/\/.*)?$/.test(line)) return [];
    const match = /^\s*("?)([A-Za-z_$][\w$]*)\1\s*:\s*("(?:[^"\\]|\\.)*")\s*,?\s*(?:\/\/.*)?$/.exec(line);
    const value = match ? stringFrom(match[3]!) : undefined;
    if (match && value !== undefined) return [[match[2]!, value]];
    throw malformed(`line ${index + 1} of .secrets.local.cue is not of the form NAME: "value"`);
  });
  return Object.fromEntries(entries);
}

function stringFrom(literal: string): string | undefined {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return undefined;
  }
}

function parseJson(text: string): Record<string, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which is secret.
    throw malformed('.secrets.local.json is not valid JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('.secrets.local.json is not an object');
  const wrong = Object.entries(value).find(([, entry]) => typeof entry !== 'string');
  if (wrong) throw malformed(`the value of ${wrong[0]} in .secrets.local.json is not a string`);
  return value as Record<string, string>;
}

function malformed(message: string): UserError {
  return new UserError({
    code: 'FL4013',
    severity: 'error',
    message,
    help: 'Write one NAME: "value" per line in .secrets.local.cue, or an object of strings in .secrets.local.json.',
  });
}
