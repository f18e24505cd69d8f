import { basename, dirname } from 'node:path';
import { ts } from '@ts-morph/common';
import { ConfigReader, nameOf, resourceName } from '../config.ts';
import type { Linker, Reader, Recogniser } from '../context.ts';
import type { Outline } from '../facts.ts';
import type { Middleware } from '../graph.ts';
import { constantInitializer, memberOf, symbolOf, unwrap } from '../references.ts';
import type { Report } from '../report.ts';
import { clientName, contains, type FoundService, type Root } from '../services.ts';
import type { Site } from '../sites.ts';
import { type MiddlewareRead, middlewareKey } from './middleware.ts';

interface Read {
  /** In their order; with the key of the declaration where it can be found. */
  middleware: { key?: string; name?: string; at: Middleware['position'] }[];
}

/** `export default new Service('name', { middlewares: […] })` in an `encore.service.ts`. */
export const service: Recogniser<Read> = {
  declares: 'encore.dev/service#Service',
  as: 'new',
  bound: 'any',
  what: 'a service',
  read({ node }, reader) {
    const config = new ConfigReader(node.arguments?.[1], ['middlewares'], reader.report);
    const list = config.node('middlewares');
    return { middleware: list && ts.isExpression(list) ? middlewareOf(list, reader) : [] };
  },
  link({ value, file }, { graph, declarations, serviceOf }) {
    const owner = graph.services.find(({ name }) => name === serviceOf(file)?.name);
    if (!owner) return;
    owner.middleware = value.middleware.map(({ key, name, at }) => ({
      ...(name !== undefined && { name }),
      target: targetOf(key, declarations),
      position: (key === undefined ? undefined : declarations.get(key)?.position) ?? at,
    }));
  },
};

/** What a middleware applies to; one that wraps another applies to the same. */
function targetOf(key: string | undefined, declarations: Linker['declarations'], steps = 0): Middleware['target'] {
  const read = key === undefined ? undefined : (declarations.get(key)?.value as MiddlewareRead | undefined);
  return read?.target ?? (read?.wraps !== undefined && steps < 20 ? targetOf(read.wraps, declarations, steps + 1) : {});
}

/** The entries of a list of middleware; a spread of a constant list is part of it. */
function middlewareOf(expression: ts.Expression, reader: Reader, depth = 0): Read['middleware'] {
  const node = unwrap(expression);
  if (ts.isArrayLiteralExpression(node) && depth < 10) {
    return node.elements.flatMap((element) =>
      ts.isSpreadElement(element) ? middlewareOf(element.expression, reader, depth + 1) : oneOf(element, reader),
    );
  }
  const symbol = symbolOf(node, reader.checker);
  const list = symbol && constantInitializer(symbol);
  if (list && depth < 10) return middlewareOf(list, reader, depth + 1);
  reader.report.error(
    'FL1209',
    node,
    'the list of middleware cannot be read',
    'Write it in place: `middlewares: [log, limit]`.',
  );
  return [];
}

function oneOf(element: ts.Expression, reader: Reader): Read['middleware'] {
  const node = unwrap(element);
  const key = middlewareKey(node, reader);
  const name = ts.isIdentifier(node) ? node.text : memberOf(node)?.name.text;
  return [
    {
      ...(key !== undefined && { key }),
      ...(name !== undefined && { name }),
      at: reader.report.positionOf(node),
    },
  ];
}

export const isServiceFile = (file: string): boolean => /^encore\.service\.(ts|mts|tsx)$/.test(basename(file));

/** The name that a declaration gives its service. Reports what is no name. */
export function serviceName({ node, file }: Site, report: Report): string {
  return nameOf(node.arguments?.[0], 'a service', node, report) ?? basename(dirname(file.fileName));
}

/**
 * The explicit services among the declarations; every breach of their rules is reported. Files are relative to the root of the
 * application.
 */
export function explicitServices(outlines: readonly Outline[], files: readonly string[], report: Report): Root[] {
  const declarations = outlines.filter(({ declares }) => declares === service.declares);
  const roots = declarations.flatMap((one) => explicitService(one, declarations, report));
  for (const file of files.filter(isServiceFile)) {
    if (declarations.some((one) => one.file === file)) continue;
    report.error(
      'FL1201',
      { file, line: 1, column: 1 },
      'this file declares no service',
      "Write `export default new Service('name')` in it, or remove the file.",
    );
  }
  return roots;
}

function explicitService(one: Outline, all: readonly Outline[], report: Report): Root[] {
  const { file, position, isDefault, name } = one;
  if (!isServiceFile(file)) {
    report.error(
      'FL1202',
      position,
      'a service is declared outside an encore.service.ts',
      "Move the declaration to a file of that name in the service's directory.",
    );
    return [];
  }
  const first = all.find((other) => isServiceFile(other.file) && dirname(other.file) === dirname(file));
  if (first && first !== one) {
    report.error(
      'FL1204',
      position,
      first.file === file ? 'this file declares a second service' : 'this directory has a second encore.service file',
      'Give every service a directory and an encore.service.ts of its own.',
      [{ message: 'the first one', position: first.position }],
    );
    return [];
  }
  if (!isDefault) {
    report.error(
      'FL1203',
      position,
      'the service is not the default export',
      "Write `export default new Service('name')`.",
    );
  }
  return [{ file, position, name: name ?? '' }];
}

/** Services that contain each other or share a name, as such or in `~encore/clients`. */
export function checkServices(services: readonly FoundService[], report: Report): void {
  const byName = new Map<string, FoundService>();
  for (const service of services) {
    if (!resourceName.pattern.test(service.name)) {
      report.error(
        'FL1109',
        service.position,
        `${JSON.stringify(service.name)} cannot be the name of a service`,
        resourceName.help,
      );
    }
    const outer = services.find((other) => other !== service && contains(other.directory, service.directory));
    if (outer) {
      report.error(
        'FL1205',
        service.position,
        `service \`${service.name}\` is inside the directory of service \`${outer.name}\``,
        'Move one of the two: a service owns its whole directory.',
        [{ message: `\`${outer.name}\` is declared here`, position: outer.position }],
      );
    }
    const same = byName.get(clientName(service.name));
    if (same) {
      report.error(
        'FL1206',
        service.position,
        `service \`${service.name}\` has the name of another one${same.name === service.name ? '' : `, \`${same.name}\`, in ~encore/clients`}`,
        'Rename one of the two.',
        [{ message: `\`${same.name}\` is declared here`, position: same.position }],
      );
    }
    byName.set(clientName(service.name), service);
  }
}
