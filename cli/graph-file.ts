import { readFileSync, statSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { UserError } from '../analyzer/diagnostic.ts';
import type { Graph } from '../analyzer/mod.ts';
import { isReadable } from '../github/checkout.ts';

/**
 * Whether an argument that no revision is called means a file: a path with `/`, a name that ends in `.json`, or a pipe. Any other name
 * is a revision's alone, so that a file that somebody adds is not compared in its place.
 */
export function meansFile(argument: string): boolean {
  if (!isReadable(argument)) return false;
  return /[/\\]|\.json$/.test(argument) || statSync(argument).isFIFO();
}

/** The Graph in a file that `fairlead graph --format json` wrote. @throws UserError FL5017 when it holds none that can be read */
export function readGraphFile(file: string): Graph {
  const value = parse(file);
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version !== 2) {
    throw unreadable(
      `${file} holds a graph of version ${version}, and this Fairlead reads version 2`,
      'Write it again with "fairlead graph --format json", or name the git revision it was made of.',
    );
  }
  const validate = new Ajv2020({ strict: false }).compile<Graph>(graphSchema());
  if (validate(value)) return value;
  const [first] = validate.errors ?? [];
  throw unreadable(
    `${file} holds no graph: ${first?.instancePath || 'it'} ${first?.message ?? 'is something else'}`,
    'Name a file that "fairlead graph --format json" wrote.',
  );
}

function parse(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw unreadable(
      `${file} cannot be read as JSON: ${(error as Error).message}`,
      'Name a file that "fairlead graph --format json" wrote.',
    );
  }
}

function graphSchema(): object {
  return JSON.parse(readFileSync(new URL('../analyzer/graph.schema.json', import.meta.url), 'utf8'));
}

function unreadable(message: string, help: string): UserError {
  return new UserError({ code: 'FL5017', severity: 'error', message, help });
}
