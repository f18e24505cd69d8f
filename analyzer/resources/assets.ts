import { dirname, resolve } from 'node:path';
import { ts } from '@ts-morph/common';
import { ConfigReader, constantOf } from '../config.ts';
import type { Reader, Recogniser } from '../context.ts';
import type { Application } from '../discover.ts';
import type { Assets } from '../graph.ts';
import type { Segment } from '../paths.ts';
import { unwrap } from '../references.ts';
import type { Report } from '../report.ts';
import { contains } from '../services.ts';
import type { Site } from '../sites.ts';
import { commonOf, commonOptions, type EndpointRead, linkEndpoint } from './endpoint.ts';

/** `export const site = api.static({ path: '/!path', dir: './dist' })`. */
export const assets: Recogniser<EndpointRead> = {
  declares: 'encore.dev/api#api.static',
  as: 'call',
  bound: 'variable',
  what: 'an endpoint',
  read(site, reader) {
    const options = [...commonOptions, 'dir', 'notFound', 'notFoundStatus', 'headers'];
    const config = new ConfigReader(site.node.arguments?.[0], options, reader.report);
    const { segments, ...common } = commonOf(config, site, reader);
    checkSegments(segments, config.node('path') ?? site.node, reader);
    return {
      kind: 'assets',
      methods: ['GET', 'HEAD'],
      ...common,
      bodyLimit: null,
      assets: {
        directory: directoryOf(config, site, reader) ?? '.',
        ...notFoundOf(config, site, reader),
        headers: headersOf(config, reader),
      },
    };
  },
  link: linkEndpoint,
};

/** Files are found by one parameter at the end of the path. */
function checkSegments(segments: readonly Segment[], at: ts.Node, { report }: Reader): void {
  const first = segments.findIndex(({ kind }) => kind !== 'literal');
  if (first < 0 || first === segments.length - 1) return;
  report.error(
    'FL1322',
    at,
    segments.slice(first + 1).some(({ kind }) => kind !== 'literal')
      ? 'the path of static assets has more than one parameter'
      : 'the path of static assets goes on after its parameter',
    'Write literal segments and at most one `*name` or `!name` at the end.',
  );
}

function directoryOf(config: ConfigReader, { node, file }: Site, { application, report }: Reader): string | undefined {
  const at = config.node('dir');
  if (!at) {
    report.error('FL1321', node, 'the static assets have no `dir`', 'Name the directory that holds the files.');
    return undefined;
  }
  const path = config.text('dir');
  if (path === undefined) return undefined;
  const directory = resolve(dirname(file.fileName), path);
  const wrong = !isInside(directory, application)
    ? 'is outside the application'
    : !application.disk.directoryExists(directory)
      ? 'is not a directory'
      : undefined;
  if (wrong === undefined) {
    if (contains(directory, file.fileName)) exposesSources(at, report);
    return report.relative(directory);
  }
  report.error(
    'FL1321',
    at,
    `${report.relative(directory)} ${wrong}`,
    'Create it, or correct the path: it is relative to this file. What a build makes has to be there when the application is analyzed.',
  );
  return undefined;
}

function exposesSources(at: ts.Node, report: Report): void {
  report.warning(
    'FL1323',
    at,
    'the directory holds this source file: whoever may read the assets may read the sources',
    'Keep the files in a directory of their own, such as `./public`.',
  );
}

/** Also after all links: an image holds nothing of what is elsewhere. */
function isInside(path: string, { root, disk }: Application): boolean {
  const within = (base: string, one: string) => one === base || contains(base, one);
  return within(root, path) && within(disk.realpath(root), disk.realpath(path));
}

function notFoundOf(
  config: ConfigReader,
  { file }: Site,
  { application, report }: Reader,
): Pick<Assets, 'notFound'> | undefined {
  const status = config.count('notFoundStatus', 100) ?? 404;
  const statusNode = config.node('notFoundStatus');
  if (status > 599 && statusNode)
    report.error('FL1106', statusNode, '`notFoundStatus` is no status', 'Write a number from 100 to 599.');
  const path = config.text('notFound');
  const at = config.node('notFound');
  if (path === undefined || !at) return undefined;
  const found = resolve(dirname(file.fileName), path);
  if (isInside(found, application) && application.disk.fileExists(found))
    return { notFound: { file: report.relative(found), status } };
  report.error(
    'FL1321',
    at,
    `there is no file ${report.relative(found)} in the application`,
    'Create it, or correct the path: it is relative to this file.',
  );
  return undefined;
}

function headersOf(config: ConfigReader, { report }: Reader): Record<string, string[]> {
  const node = config.node('headers');
  const object = node && ts.isExpression(node) ? unwrap(node) : undefined;
  const headers = object && ts.isObjectLiteralExpression(object) ? object.properties.map(headerOf) : [];
  if (node && (!object || !ts.isObjectLiteralExpression(object) || headers.includes(undefined))) {
    report.error(
      'FL1106',
      node,
      '`headers` is not an object of names with string literals or arrays of them',
      'Write the value in place: the configuration is read, not run.',
    );
  }
  return Object.fromEntries(headers.flatMap((header) => (header ? [header] : [])));
}

function headerOf(property: ts.ObjectLiteralElementLike): [string, string[]] | undefined {
  if (!ts.isPropertyAssignment(property) || ts.isComputedPropertyName(property.name)) return undefined;
  const value = unwrap(property.initializer);
  const values = ts.isArrayLiteralExpression(value) ? value.elements.map(constantOf) : [constantOf(value)];
  return values.every((one) => typeof one === 'string') ? [property.name.text.toLowerCase(), values] : undefined;
}
