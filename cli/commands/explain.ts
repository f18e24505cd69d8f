import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../analyzer/diagnostic.ts';
import type { Position } from '../../analyzer/mod.ts';
import { didYouMean } from '../../analyzer/suggest.ts';
// Not from its mod.ts: an analysis needs nothing else of the pipeline.
import { type ExplainedPermission, type Explanation, explainService, resourceName } from '../../pipeline/explain.ts';
import { scheduleOf } from '../../pipeline/render/view.ts';
import { analyzeApplication } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { findService } from '../find-service.ts';
import { forLog } from '../for-log.ts';
import { methodsText } from '../methods.ts';
import { paint } from '../paint.ts';
import { printable } from '../printable.ts';
import { table } from '../table.ts';

export interface ExplainOptions {
  service: string;
  /** Only what the service may do with this one. */
  resource?: string;
}

/** What a service may touch and the lines that cause it, what it exposes and consumes, and who calls it. */
export async function explain(context: Context, { service, resource }: ExplainOptions): Promise<Result> {
  const graph = await analyzeApplication(context);
  const whole = explainService(graph, findService(graph, service));
  const source = sourceLines(context.directory);
  if (resource === undefined) {
    return {
      document: { ...whole, permissions: withExcerpts(whole.permissions, source) },
      text: forLog([heading(whole), ...overview(whole), permissions(whole.permissions, source)].join('\n\n')),
    };
  }
  const found = { permissions: permissionsFor(whole, resource), subscriptions: subscriptionsTo(whole, resource) };
  if (found.permissions.length + found.subscriptions.length === 0) throw unknownResource(whole, resource);
  return {
    document: { service, ...found, permissions: withExcerpts(found.permissions, source) },
    text: forLog(
      [
        heading(whole),
        ...section('Consumes', consumed(found)),
        ...(found.permissions.length > 0 ? [permissions(found.permissions, source)] : []),
      ].join('\n\n'),
    ),
  };
}

function heading({ service, position }: Explanation): string {
  return `${paint('bold', printable(service))} ${paint('dim', placeOf(position))}`;
}

function overview(explanation: Explanation): string[] {
  const { endpoints, cronJobs, callers, middleware } = explanation;
  return [
    ...section(
      'Exposes',
      endpoints.map(({ name, kind, methods, path, exposed, auth, position }) => [
        methodsText(methods),
        path,
        name,
        [exposed ? 'public' : 'private', ...(auth ? ['auth'] : []), ...(kind === 'typed' ? [] : [kind])].join(', '),
        placeOf(position),
      ]),
    ),
    ...section(
      'Middleware',
      middleware.map(({ name, position }) => [name ?? 'in place', placeOf(position)]),
    ),
    ...section('Consumes', consumed(explanation)),
    ...section(
      'Called by',
      callers.flatMap(({ service, endpoint, positions }) =>
        positions.map((position) => [service, endpoint, placeOf(position)]),
      ),
    ),
    ...section(
      'Called on schedule',
      cronJobs.map(({ name, when, endpoint, position }) => [
        name,
        endpoint.endpoint,
        scheduleOf(when),
        placeOf(position),
      ]),
    ),
  ];
}

function consumed({ subscriptions }: Pick<Explanation, 'subscriptions'>): string[][] {
  return subscriptions.map(({ topic, name, position }) => [topic, name, placeOf(position)]);
}

/** A heading and rows, the last cell of which is a place; nothing without rows. */
function section(title: string, rows: string[][]): string[] {
  if (rows.length === 0) return [];
  const cells = rows.map((row) => [...row.slice(0, -1).map(printable), paint('dim', printable(row.at(-1)!))]);
  return [`${paint('bold', title)}\n${indent(table(cells))}`];
}

type SourceLine = (position: Position) => string | undefined;

function permissions(all: ExplainedPermission[], source: SourceLine): string {
  if (all.length === 0) return `${paint('bold', 'May')}\n  use no resource and call no other service`;
  const parts = all.map(({ resource, operations, tables }) =>
    [
      `${paint('cyan', resource.kind)} ${printable(resourceName(resource))}`,
      ...(tables
        ? [`  tables ${tables.map((one) => `${printable(one.name)} (${one.operations.join(', ')})`).join(', ')}`]
        : []),
      ...operations.flatMap(({ operation, positions }) => [
        `  ${paint('green', operation)}`,
        ...positions.flatMap((position) => [`    ${placeOf(position)}`, ...excerpt(position, source)]),
      ]),
    ].join('\n'),
  );
  return `${paint('bold', 'May')}\n${indent(parts.join('\n'))}`;
}

function excerpt(position: Position, source: SourceLine): string[] {
  const line = source(position);
  return line === undefined ? [] : [paint('dim', `      ${position.line} | ${line}`)];
}

/** Characters of a line of source that are shown. */
const longest = 110;

/** Reads the lines of the sources; undefined where the file or the line is gone. */
function sourceLines(directory: string): SourceLine {
  const files = new Map<string, string[]>();
  return ({ file, line, column }) => {
    if (!files.has(file)) files.set(file, read(join(directory, file)));
    const text = files.get(file)![line - 1];
    return text === undefined ? undefined : printable(around(text, column));
  };
}

/** A line without its indentation; of a long one the part with the column in it. */
function around(line: string, column: number): string {
  const text = line.trim();
  if (text.length <= longest) return text;
  const place = column - 1 - (line.length - line.trimStart().length);
  const start = Math.min(Math.max(0, place - longest / 2), text.length - longest);
  const part = text.slice(start, start + longest);
  return `${start > 0 ? '…' : ''}${part}${start + longest < text.length ? '…' : ''}`;
}

function read(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function withExcerpts(all: ExplainedPermission[], source: SourceLine): object[] {
  return all.map(({ operations, ...rest }) => ({
    ...rest,
    operations: operations.map(({ operation, positions }) => ({
      operation,
      causes: positions.map((position) => ({ position, source: source(position) })),
    })),
  }));
}

function permissionsFor({ permissions }: Explanation, name: string): ExplainedPermission[] {
  return permissions.filter(({ resource }) => namesOf(resource).includes(name));
}

/** `orders.create`, `create`, and where there is more than one kind of a name `endpoint:orders.create`. */
function namesOf(resource: ExplainedPermission['resource']): string[] {
  const name = resourceName(resource);
  return [name, resource.name, `${resource.kind}:${name}`, ...(resource.kind === 'keyspace' ? [resource.cache] : [])];
}

function subscriptionsTo({ subscriptions }: Explanation, name: string): Explanation['subscriptions'] {
  return subscriptions.filter((one) => one.topic === name || one.name === name || `topic:${one.topic}` === name);
}

function unknownResource({ service, permissions, subscriptions }: Explanation, name: string): UserError {
  const names = [
    ...new Set([
      ...permissions.map(({ resource }) => resourceName(resource)),
      ...subscriptions.map(({ topic }) => topic),
    ]),
  ];
  const known = names.length > 0 ? `It uses ${names.join(', ')}.` : 'It uses nothing at all.';
  return new UserError({
    code: 'FL5018',
    severity: 'error',
    message: `${service} has nothing to do with ${name}`,
    help: didYouMean(name, names, known),
  });
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

function placeOf({ file, line, column }: Position): string {
  return printable(`${file}:${line}:${column}`);
}
