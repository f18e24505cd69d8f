import { ts } from '@ts-morph/common';
import { Cron } from 'croner';
import { ConfigReader, nameOf } from '../config.ts';
import type { Context, Recogniser } from '../context.ts';
import type { CronJob } from '../graph.ts';
import type { Site } from '../sites.ts';
import { resolve } from '../uses.ts';
import { isFree } from './bind.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** `new CronJob('name', { endpoint, every })` or `{ endpoint, schedule }`. */
export const cronJob: Recogniser = {
  declares: 'encore.dev/cron#CronJob',
  as: 'new',
  bound: 'any',
  what: 'a cron job',
  recognise(site, context) {
    const { report, graph, services } = context;
    const { node } = site;
    const name = nameOf(node.arguments?.[0], 'a cron job', node, report);
    const config = new ConfigReader(node.arguments?.[1], ['endpoint', 'title', 'every', 'schedule'], report);
    const title = config.text('title');
    const when = whenOf(config, site, context);
    const endpoint = endpointOf(config, site, context);
    if (name === undefined || !when || !endpoint || !isFree('a cron job', name, site, graph.cronJobs, context)) return;
    graph.cronJobs.push({
      name,
      ...(title !== undefined && { title }),
      when,
      endpoint,
      service: services.of(site.file.fileName)?.name ?? endpoint.service,
      position: report.positionOf(node),
    });
  },
};

function whenOf(config: ConfigReader, { node }: Site, { report }: Context): CronJob['when'] | undefined {
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

function everyOf(config: ConfigReader, node: ts.Node, report: Context['report']): CronJob['when'] | undefined {
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

function scheduleOf(config: ConfigReader, node: ts.Node, report: Context['report']): CronJob['when'] | undefined {
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

function endpointOf(config: ConfigReader, { node }: Site, context: Context): CronJob['endpoint'] | undefined {
  const value = config.node('endpoint');
  const bound = value && ts.isExpression(value) ? resolve(value, context) : undefined;
  if (value && bound?.resource.kind === 'endpoint') {
    const { service, name } = bound.resource;
    context.understood.add(value);
    const endpoint = context.graph.services
      .find((other) => other.name === service)
      ?.endpoints.find((other) => other.name === name);
    if (endpoint?.request) {
      context.report.error(
        'FL1605',
        value,
        `the endpoint \`${service}.${name}\` takes parameters, and a cron job has none to give`,
        'Call an endpoint without parameters.',
        [{ message: 'the endpoint', position: endpoint.position }],
      );
    }
    return { service, endpoint: name };
  }
  context.report.error(
    'FL1604',
    value ?? node,
    'the endpoint of the cron job cannot be resolved',
    'Pass the variable that holds `api(…)`, imported from its module.',
  );
  return undefined;
}
