import { newDraft, templateOf } from '../draft.ts';
import type { Wiring } from '../infra-config.ts';
import { core } from '../library.ts';
import { requireRoom } from '../limits.ts';
import { type AppInput, type AppOutputs, type Stack, tagNames } from '../model.ts';
import { stackName } from '../names.ts';
import { rdsCertificate } from '../rds-certificates.ts';
import { alarms } from './alarms.ts';
import { buckets } from './bucket.ts';
import type { Container } from './container.ts';
import { cronJobs } from './cron-job.ts';
import {
  type DatabaseAccess,
  databaseAccess,
  declaredDatabases,
  migrateContainer,
  provisionContainers,
} from './database.ts';
import { gateway } from './gateway.ts';
import { logGroup } from './log.ts';
import { discoveryService, process, processUrl } from './process.ts';
import { type Scope, scopeOf } from './scope.ts';
import { generatedSecret } from './secret.ts';
import { sleep } from './sleep.ts';
import { subscriptions } from './subscription.ts';
import { taskDefinition } from './task.ts';
import { topics } from './topic.ts';

/** What provisions and migrates is small, and soon over. */
const taskSize = { cpu: 256, memory: 512 };

/**
 * Everything that is an environment's own. Pure: the same input gives the same stack to the byte.
 * @throws UserError FL7004 more resources than one stack should have, FL7005 a process that has to be told more than ECS takes,
 * FL7006 a region whose certificate is not known
 */
export function synthesizeApp(input: AppInput): Stack {
  const { plan, account, settings, foundation, repository, expires } = input;
  const { environment, processes, release } = plan;
  const draft = newDraft();
  const scope = scopeOf(draft, input);
  const logs = logGroup(scope);
  const log = { name: logs.ref, arn: logs.attrArn };
  const front = gateway(scope);
  const topicArns = topics(scope);
  const queues = subscriptions(scope, topicArns);
  const cronQueues = cronJobs(scope);
  const bucketFacts = buckets(scope);
  const wiring: Wiring = {
    url: front.url,
    region: account.region,
    topics: topicArns,
    queues,
    cronQueues: Object.fromEntries(Object.entries(cronQueues).map(([name, { url }]) => [name, url])),
    buckets: bucketFacts,
    hosts: Object.fromEntries(processes.map(({ name }) => [name, processUrl(scope, name)])),
    servers: foundation.servers,
    ...(plan.databases.length > 0 && { certificate: certificate(scope) }),
    ...(settings.telemetry && { telemetry: settings.telemetry }),
  };
  const key = generatedSecret(scope, 'InternalKey', ['internal key'], {
    subject: 'key that signs calls between processes',
  });
  const database = databaseAccess(scope);
  const tasks = database && databaseTasks(scope, database, wiring, log);
  const services = Object.fromEntries(
    processes.map((planned) => {
      const discovery = discoveryService(scope, planned);
      const surroundings = {
        wiring,
        internalKey: { name: '', valueFrom: key.ref, arn: key.ref },
        database,
        before: tasks?.before ?? [],
        topics: topicArns,
        queues,
        cronQueues,
        buckets: bucketFacts,
        front,
        logGroup: log,
      };
      return [planned.name, process(scope, planned, surroundings, discovery)];
    }),
  );
  alarms(scope, queues, front);
  sleep(scope, services);

  const outputs: AppOutputs = {
    Url: front.url,
    ...(front.canary && { CanaryUrl: front.canary.url }),
    Release: release.digest,
    Services: JSON.stringify(services),
    ...(tasks?.migrate !== undefined && { MigrateTaskDefinition: tasks.migrate }),
    ...(tasks && { ProvisionTaskDefinition: tasks.provision }),
    LogGroup: logs.ref,
    CronQueues: draft.scope.toJsonString(wiring.cronQueues),
  };
  for (const [name, value] of Object.entries(outputs)) new core.CfnOutput(draft.scope, name, { value });
  const whose = `${environment.name} of ${environment.application}`;
  const template = { Description: `Fairlead: ${whose}.`, ...templateOf(draft) };
  requireRoom(template, whose);
  return {
    name: stackName(environment),
    template,
    tags: {
      [tagNames.application]: environment.application,
      [tagNames.environment]: environment.name,
      [tagNames.type]: environment.type,
      [tagNames.foundation]: settings.foundation,
      ...(repository && { [tagNames.repository]: repository }),
      ...(expires && { [tagNames.expires]: expires }),
    },
    meanings: draft.meanings,
    protected: !scope.preview,
  };
}

/** Once in the template, as text within JSON, for all containers to be told. */
function certificate({ scope, input: { account } }: Scope): string {
  const text = JSON.stringify(rdsCertificate(account.region)).slice(1, -1);
  new core.CfnMapping(scope, 'Trust', { mapping: { Database: { Certificate: text } } });
  return core.Fn.findInMap('Trust', 'Database', 'Certificate');
}

/**
 * What makes databases and brings them up to the release: in a preview whose services are all in one task, what goes before them
 * there; elsewhere a task of its own. And, everywhere, a task that provisions alone, which takes away as well.
 */
function databaseTasks(scope: Scope, access: DatabaseAccess, wiring: Wiring, log: { name: string; arn: string }) {
  const provision = provisionContainers(scope, access, wiring);
  const migrate = migrateContainer(scope, access, wiring);
  const both = [...provision, ...(migrate ? [migrate] : [])];
  const task = (kind: string, name: string, containers: Container[], subject: string) =>
    taskDefinition(scope, {
      parts: ['task', name],
      id: (part) => `${kind}${part}`,
      containers,
      ...taskSize,
      prefix: name,
      logGroup: log,
      meaning: { subject, ...declaredDatabases(scope) },
    }).ref;
  const inside = scope.preview && scope.input.plan.processes.length === 1;
  return {
    before: inside ? both : [],
    provision: task('Provision', 'provision', provision, 'making of databases'),
    migrate: inside ? undefined : task('Migrate', 'migrate', both, 'migration of databases'),
  };
}
