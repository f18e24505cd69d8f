import type {
  CronJob,
  Endpoint,
  Graph,
  Operation,
  Position,
  ResourceReference,
  Subscription,
  Topic,
  Use,
} from '../analyzer/mod.ts';
import { describeSchemaChange } from './compare-schemas.ts';
import { type Applied, dangerOf, pendingMigrations, startOf } from './migrations.ts';
import type { Change } from './plan.ts';

/**
 * What becomes different when `after` replaces `before`, in a fixed order: by kind, then by subject. The migrations are
 * those that the databases have not seen.
 */
export function compareGraphs(after: Graph, before: Graph | undefined, applied: Applied): Change[] {
  const old = before ?? { ...nothing, application: after.application };
  return [
    ...compare('service', old.services.map(itemOf('service')), after.services.map(itemOf('service'))),
    ...compare('endpoint', endpointItems(old), endpointItems(after), (a, b) => endpointDifferences(a, old, b, after)),
    ...compare('database', old.databases.map(itemOf('database')), after.databases.map(itemOf('database'))),
    ...migrationChanges(after, applied),
    ...compare('topic', old.topics.map(itemOf('topic')), after.topics.map(itemOf('topic')), (a, b) =>
      topicDifferences(a, old, b, after),
    ),
    ...compare('subscription', subscriptionItems(old), subscriptionItems(after), subscriptionDifferences),
    ...compare(
      'cron job',
      old.cronJobs.map(itemOf('cron job')),
      after.cronJobs.map(itemOf('cron job')),
      cronDifferences,
    ),
    ...compare('secret', old.secrets.map(itemOf('secret')), after.secrets.map(itemOf('secret'))),
    ...compare('permission', permissionItems(old), permissionItems(after), permissionDifferences),
  ];
}

const nothing: Omit<Graph, 'application'> = {
  version: 2,
  settings: {},
  services: [],
  databases: [],
  topics: [],
  buckets: [],
  caches: [],
  cronJobs: [],
  metrics: [],
  secrets: [],
  uses: [],
  schemas: {},
};

type Kind = Change['kind'];

/** Something of a Graph under the name that tells it from others of its kind. */
interface Item<T> {
  subject: string;
  value: T;
  position: Position | undefined;
  added: string;
  removed: string;
  /** What a sentence about a difference begins with. */
  label: string;
}

/** What is lost with the last trace of a kind in the code. */
const losses: Partial<Record<Kind, string>> = {
  database: 'no code reaches its data any longer',
  topic: 'messages on their way are lost',
  subscription: 'messages on their way to it are lost',
};

function compare<T>(
  kind: Kind,
  before: Item<T>[],
  after: Item<T>[],
  differences: (before: T, after: T) => string[] = () => [],
): Change[] {
  const old = new Map(before.map((item) => [item.subject, item.value]));
  const now = new Set(after.map(({ subject }) => subject));
  const gone = before.filter(({ subject }) => !now.has(subject));
  const changes = [
    ...after.flatMap(({ subject, value, added, label, position }): Change[] => {
      const place = position ? { position } : {};
      const former = old.get(subject);
      if (former === undefined) return [{ action: 'add', kind, subject, sentence: added, ...place }];
      const found = differences(former, value);
      if (found.length === 0) return [];
      return [{ action: 'change', kind, subject, sentence: `${label} ${found.join('; ')}`, ...place }];
    }),
    ...gone.map(({ subject, removed }): Change => {
      const danger = losses[kind];
      return { action: 'remove', kind, subject, sentence: removed, ...(danger ? { danger } : {}) };
    }),
  ];
  return changes.sort((a, b) => (a.subject < b.subject ? -1 : 1));
}

function itemOf<T extends { name: string; position: Position }>(kind: Kind): (value: T) => Item<T> {
  return (value) => plainItem(kind, value.name, value, value.position);
}

function plainItem<T>(kind: Kind, subject: string, value: T, position: Position, detail = ''): Item<T> {
  const label = `${kind} ${subject}${detail}`;
  return { subject, value, position, label, added: `${label} is added`, removed: `${label} is removed` };
}

function endpointItems(graph: Graph): Item<Endpoint>[] {
  return graph.services.flatMap((service) =>
    service.endpoints.map((endpoint) =>
      plainItem(
        'endpoint',
        `${service.name}.${endpoint.name}`,
        endpoint,
        endpoint.position,
        endpoint.exposed ? ` (${endpoint.methods.join(', ')} ${endpoint.path})` : ' (private)',
      ),
    ),
  );
}

function endpointDifferences(before: Endpoint, old: Graph, after: Endpoint, now: Graph): string[] {
  const schemas = (key: 'request' | 'response') => {
    const change = describeSchemaChange(
      { ...(before[key] && { schema: before[key].schema }), graph: old },
      { ...(after[key] && { schema: after[key].schema }), graph: now },
    );
    return change === undefined ? [] : [`${key} ${change}`];
  };
  const found: string[] = [];
  if (before.exposed !== after.exposed) {
    found.push(after.exposed ? 'becomes reachable from outside' : 'is no longer reachable from outside');
  }
  if (before.auth !== after.auth)
    found.push(after.auth ? 'now requires authentication' : 'no longer requires authentication');
  if (before.path !== after.path) found.push(`moves from ${before.path} to ${after.path}`);
  if (before.methods.join() !== after.methods.join()) {
    found.push(`answers ${after.methods.join(', ')} instead of ${before.methods.join(', ')}`);
  }
  if (before.bodyLimit !== after.bodyLimit) found.push(`takes ${limit(after)} instead of ${limit(before)}`);
  return [...found, ...schemas('request'), ...schemas('response')];
}

function limit({ bodyLimit }: Endpoint): string {
  return bodyLimit === null ? 'bodies of any size' : `bodies up to ${bodyLimit} bytes`;
}

function migrationChanges(after: Graph, applied: Applied): Change[] {
  return pendingMigrations(after, applied).map(({ database, file }) => {
    // On a database that is new, there is no older code.
    const danger = applied.has(database) ? dangerOf(file) : undefined;
    return {
      action: 'add',
      kind: 'migration',
      subject: `${database}/${file.version}_${file.name}`,
      sentence: `migration ${file.version}_${file.name} runs on database ${database}`,
      position: startOf(file),
      ...(danger === undefined ? {} : { danger }),
    };
  });
}

function topicDifferences(before: Topic, old: Graph, after: Topic, now: Graph): string[] {
  const found: string[] = [];
  if (before.deliveryGuarantee !== after.deliveryGuarantee) found.push(`delivers ${after.deliveryGuarantee}`);
  if (before.orderingAttribute !== after.orderingAttribute) {
    found.push(after.orderingAttribute ? `is ordered by ${after.orderingAttribute}` : 'is no longer ordered');
  }
  const message = describeSchemaChange({ schema: before.message, graph: old }, { schema: after.message, graph: now });
  return message === undefined ? found : [...found, `message ${message}`];
}

function subscriptionItems(graph: Graph): Item<Subscription>[] {
  return graph.services.flatMap(({ name: service, subscriptions }) =>
    subscriptions.map((subscription) => {
      const { topic, name, position } = subscription;
      const who = name === service ? service : `${service} (${name})`;
      return {
        ...plainItem('subscription', `${topic} → ${name}`, subscription, position),
        added: `topic ${topic} gains the subscriber ${who}`,
        removed: `topic ${topic} loses the subscriber ${who}`,
      };
    }),
  );
}

function subscriptionDifferences(before: Subscription, after: Subscription): string[] {
  const found: string[] = [];
  const say = (words: string, a?: number, b?: number) => {
    if (a !== b) found.push(`changes its ${words} from ${a ?? 'the default'} to ${b ?? 'the default'}`);
  };
  say('ack deadline (ms)', before.ackDeadline, after.ackDeadline);
  say('message retention (ms)', before.messageRetention, after.messageRetention);
  say('concurrency', before.maxConcurrency, after.maxConcurrency);
  say('retries', before.retry.maxRetries, after.retry.maxRetries);
  say('shortest back-off (ms)', before.retry.minBackoff, after.retry.minBackoff);
  say('longest back-off (ms)', before.retry.maxBackoff, after.retry.maxBackoff);
  return found;
}

function cronDifferences(before: CronJob, after: CronJob): string[] {
  const found: string[] = [];
  if (scheduleOf(before) !== scheduleOf(after))
    found.push(`runs ${scheduleOf(after)} instead of ${scheduleOf(before)}`);
  const [a, b] = [before, after].map(({ endpoint }) => `${endpoint.service}.${endpoint.endpoint}`);
  if (a !== b) found.push(`calls ${b} instead of ${a}`);
  return found;
}

function scheduleOf({ when }: CronJob): string {
  return 'every' in when ? `every ${when.every / 60_000} min` : `at ${when.schedule}`;
}

function permissionItems(graph: Graph): Item<Use>[] {
  return graph.uses.map((use) => {
    const resource = nameOf(use.resource);
    return {
      subject: `${use.service} → ${resource}`,
      value: use,
      position: use.causes[0]?.position,
      label: `service ${use.service}`,
      added: `service ${use.service} may now ${verbs(use.operations)} ${resource}`,
      removed: `service ${use.service} may no longer ${verbs(use.operations)} ${resource}`,
    };
  });
}

function permissionDifferences(before: Use, after: Use): string[] {
  const gained = after.operations.filter((operation) => !before.operations.includes(operation));
  const lost = before.operations.filter((operation) => !after.operations.includes(operation));
  const resource = nameOf(after.resource);
  return [
    ...(gained.length > 0 ? [`may now ${verbs(gained)} ${resource}`] : []),
    ...(lost.length > 0 ? [`may no longer ${verbs(lost)} ${resource}`] : []),
  ];
}

function nameOf(resource: ResourceReference): string {
  return resource.kind === 'endpoint'
    ? `endpoint ${resource.service}.${resource.name}`
    : `${resource.kind} ${resource.name}`;
}

const verb: Record<Operation, string> = {
  attributes: 'read the attributes of objects in',
  call: 'call',
  connect: 'connect directly to',
  download: 'download from',
  list: 'list',
  publish: 'publish to',
  'public-url': 'give public URLs of',
  query: 'query',
  read: 'read',
  record: 'record',
  remove: 'remove from',
  'sign-download': 'sign downloads from',
  'sign-upload': 'sign uploads to',
  upload: 'upload to',
  write: 'write to',
};

function verbs(operations: Operation[]): string {
  return operations.map((operation) => verb[operation]).join(' and ');
}
