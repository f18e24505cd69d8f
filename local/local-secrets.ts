import { type ParseError, parseTree } from 'jsonc-parser';
import { UserError } from '../pipeline/user-error.ts';

/**
 * Reads a `.secrets.local.cue` (lines of `NAME: "value"`, comments with `//`) or a `.secrets.local.json` (one object of strings).
 * @throws UserError FL4013 with the place, never with the value
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
    throw malformed(`line ${index + 1} of .secrets.local.cue is not of the form NAME: "value"`, 'cue');
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
    throw malformed(`${placeOfError(text)}.secrets.local.json is not valid JSON`, 'json');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw malformed('.secrets.local.json is not an object', 'json');
  const wrong = Object.entries(value).find(([, entry]) => typeof entry !== 'string');
  if (wrong) throw malformed(`the value of ${wrong[0]} in .secrets.local.json is not a string`, 'json');
  return value as Record<string, string>;
}

/** `line 3, column 5 of `; empty where only the strict parser finds something. */
function placeOfError(text: string): string {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true });
  const [first] = errors;
  if (!first) return '';
  const before = text.slice(0, first.offset).split('\n');
  return `line ${before.length}, column ${before.at(-1)!.length + 1} of `;
}

const forms = {
  cue: 'Write one NAME: "value" per line in .secrets.local.cue, or an object of strings in .secrets.local.json.',
  json: 'Write an object of strings, { "NAME": "value" }, in .secrets.local.json, or one NAME: "value" per line in .secrets.local.cue.',
};

function malformed(message: string, format: keyof typeof forms): UserError {
  return new UserError({
    code: 'FL4013',
    severity: 'error',
    message,
    help: forms[format],
  });
}
