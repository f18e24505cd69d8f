import { ts } from '@ts-morph/common';
import { Cron } from 'croner';
import { ConfigReader, nameOf } from '../config.ts';
import type { Linker, Reader, Recogniser } from '../context.ts';
import type { Position } from '../diagnostic.ts';
import type { DeclarationReference, EndpointFact } from '../facts.ts';
import type { CronJob, EndpointReference } from '../graph.ts';
import type { Report } from '../report.ts';
import { isTarget, resolve } from '../resolve.ts';
import type { Site } from '../sites.ts';
import { endpoint } from './endpoint.ts';
import { isFree } from './names.ts';
import { raw } from './raw.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

interface Read {
  name: string;
  title?: string;
  when: CronJob['when'];
  endpoint: DeclarationReference | EndpointFact;
  /** Of the mention of the endpoint. */
  at: Position;
}

/** `new CronJob('name', { endpoint, every })` or `{ endpoint, schedule }`. */
export const cronJob: Recogniser<Read> = {
  declares: 'encore.dev/cron#CronJob',
  as: 'new',
  bound: 'any',
  what: 'a cron job',
  read(site, reader) {
    const { report } = reader;
    const { node } = site;
    const name = nameOf(node.arguments?.[0], 'a cron job', node, report);
    const config = new ConfigReader(node.arguments?.[1], ['endpoint', 'title', 'every', 'schedule'], report);
    const title = config.text('title');
    const when = whenOf(config, site, report);
    const called = endpointOf(config, site, reader);
    if (name === undefined || !when || !called) return undefined;
    return { name, ...(title !== undefined && { title }), when, ...called };
  },
  link({ value: { name, title, when, endpoint, at }, file, position }, linker) {
    const called = calledBy(endpoint, linker);
    if (!called || !checkCallable(called, at, linker)) return;
    if (!isFree('a cron job', name, position, linker.graph.cronJobs, linker)) return;
    linker.graph.cronJobs.push({
      name,
      ...(title !== undefined && { title }),
      when,
      endpoint: called,
      service: linker.serviceOf(file)?.name ?? called.service,
      position,
    });
  },
};

function whenOf(config: ConfigReader, { node }: Site, report: Report): CronJob['when'] | undefined {
  const [every, schedule] = [config.node('every'), config.node('schedule')];
  if (Boolean(every) === Boolean(schedule)) {
    report.error(
      'FL1601',
      schedule ?? node,
      every ? 'the cron job has both `every` and `schedule`' : 'the cron job does not say when it runs',
      'Give exactly one of `every: "1h"` and `schedule: "0 4 * * *"`.',
    );
    return undefined;
  }
  return every ? everyOf(config, every, report) : scheduleOf(config, schedule as ts.Node, report);
}

function everyOf(config: ConfigReader, node: ts.Node, report: Report): CronJob['when'] | undefined {
  const every = config.duration('every', 0);
  if (every === undefined) return undefined;
  const wrong =
    every === 0 || every % minute !== 0
      ? 'is not a multiple of 60 s'
      : every > day
        ? 'is more than 24 hours'
        : day % every !== 0
          ? 'does not divide 24 hours'
          : undefined;
  if (wrong === undefined) return { every };
  report.error(
    'FL1603',
    node,
    `\`every\` ${wrong}`,
    'Choose a whole number of minutes that divides a day, such as "5m", "1h" or "12h"; or use `schedule`.',
  );
  return undefined;
}

function scheduleOf(config: ConfigReader, node: ts.Node, report: Report): CronJob['when'] | undefined {
  const schedule = config.text('schedule');
  if (schedule === undefined) return undefined;
  const wrong = wrongSchedule(schedule);
  if (wrong === undefined) return { schedule };
  report.error(
    'FL1602',
    node,
    `"${schedule}" is not a cron expression: ${wrong}`,
    'Write five fields, minute, hour, day of month, month and day of week: "0 4 * * *".',
  );
  return undefined;
}

function wrongSchedule(schedule: string): string | undefined {
  const fields = schedule.trim().split(/\s+/).length;
  if (fields !== 5) return `it has ${fields} field${fields === 1 ? '' : 's'} instead of 5`;
  try {
    const next = new Cron(schedule, { paused: true, timezone: 'UTC', mode: '5-part' }).nextRun(new Date(0));
    return next ? undefined : 'it never comes due';
  } catch (error) {
    return (error as Error).message.replace(/^CronPattern: /, '');
  }
}

function endpointOf(config: ConfigReader, { node }: Site, reader: Reader): Pick<Read, 'endpoint' | 'at'> | undefined {
  const { report, understood } = reader;
  const value = config.node('endpoint');
  const found = value && ts.isExpression(value) ? resolve(value, reader) : undefined;
  if (value && found && (!isTarget(found) || [endpoint, raw].some(({ declares }) => declares === found.declares))) {
    understood.add(value);
    return { endpoint: isTarget(found) ? { key: found.key } : found, at: report.positionOf(value) };
  }
  report.error(
    'FL1604',
    value ?? node,
    'the endpoint of the cron job cannot be resolved',
    'Pass the variable that holds `api(…)`, imported from its module.',
  );
  return undefined;
}

function calledBy(endpoint: Read['endpoint'], { resources }: Linker): EndpointReference | undefined {
  if (!('key' in endpoint)) return endpoint;
  const resource = resources.get(endpoint.key);
  return resource?.kind === 'endpoint' ? { service: resource.service, endpoint: resource.name } : undefined;
}

/** Whether a job can call the endpoint: it exchanges no stream, and needs no parameters. */
function checkCallable(
  { service, endpoint: name }: EndpointReference,
  at: Position,
  { graph, report }: Linker,
): boolean {
  const endpoint = graph.services
    .find((other) => other.name === service)
    ?.endpoints.find((other) => other.name === name);
  if (!endpoint) return false;
  const related = [{ message: 'the endpoint', position: endpoint.position }];
  if (endpoint.kind === 'stream') {
    report.error(
      'FL1604',
      at,
      `\`${service}.${name}\` is a stream`,
      'Call an endpoint that answers a request.',
      related,
    );
  } else if (endpoint.request) {
    report.error(
      'FL1605',
      at,
      `the endpoint \`${service}.${name}\` takes parameters, and a cron job has none to give`,
      'Call an endpoint without parameters.',
      related,
    );
  }
  return true;
}
