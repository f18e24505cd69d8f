import { type Diagnostic, UserError } from '../../analyzer/diagnostic.ts';
import type { Graph, Method } from '../../analyzer/mod.ts';
import { Workbench } from '../../images/bundle/workbench.ts';
import { claimRun, type Run, type SupervisorWatch, stopEnvironment, watchSupervisor } from '../../local/mod.ts';
import {
  type Config,
  type Environment,
  forgetFormer,
  type LogLine,
  parseEnvironment,
  planEnvironment,
  start,
} from '../../pipeline/mod.ts';
import { applicationName } from '../application.ts';
import { type ChangesOnly, changesOnly } from '../changes-only.ts';
import type { Context } from '../context.ts';
import { writeGenerated } from '../generated-files.ts';
import { readLocalSecrets } from '../local-secrets.ts';
import { methodsText } from '../methods.ts';
import { paint } from '../paint.ts';
import { renderDiagnostics } from '../render-diagnostics.ts';
import { renderLogLine } from '../render-log-line.ts';
import { table } from '../table.ts';
import { type SourceWatch, watchSources } from '../watch-sources.ts';
import { openApplication } from '../wiring.ts';

/** Runs the application in the environment `local` and follows its sources, until a signal stops it. */
export async function run(context: Context, { port }: { port?: number }): Promise<undefined> {
  const { directory, stateDirectory, interruption, report } = context;
  const environment = parseEnvironment(applicationName(directory), 'local');
  const other = claimRun(stateDirectory, environment, directory);
  if (other !== undefined) throw runsAlready(environment, other);
  const ended = new AbortController();
  // Nobody sees it run any more: stop in good order.
  process.stdout.once('error', () => process.kill(process.pid, 'SIGTERM'));
  let logs: Promise<void> | undefined;
  const followLogs = async (tail: { tail?: number } = {}) => {
    if (logs) return;
    const { target } = (await openApplication(context, { here: true })).ports;
    if (!(await target.read(environment))) return;
    logs = printLogs(context, target.logs(environment, { follow: true, signal: ended.signal, ...tail }));
  };
  let sources: SourceWatch | undefined;
  let supervisor: SupervisorWatch | undefined;
  const workbench = new Workbench();
  const changes = changesOnly(report);
  // A program takes every event for itself.
  const following = context.json ? context : { ...context, report: changes.report };
  let down = false;
  const bringUp = async () => {
    await followLogs({ tail: 0 });
    try {
      const refusal = down ? await bringBack(following, environment, port) : undefined;
      if (down && !refusal) supervisor?.answers();
      down = refusal !== undefined;
      const deployed = deploy(following, environment, { port, workbench, changes }).catch((error) => {
        throw withFormer(refusal, error);
      });
      sources?.follow(await deployed);
      changes.roundEnded();
      down = false;
      supervisor?.answers();
    } finally {
      await followLogs();
    }
  };

  await interruption.busy(async () => {
    const watch = watchSources(directory, interruption.signal, [stateDirectory]);
    sources = watch;
    const served = new AbortController();
    const lost = () => {
      report.warn(`The supervisor of ${environment.application} was ended by something else: it is started again`);
      down = true;
      watch.touch();
    };
    const gone = () =>
      report.warn(`${environment.application} in local was destroyed: the next change of a source makes it anew`);
    supervisor = watchSupervisor(stateDirectory, environment, { signal: served.signal, lost, gone });
    try {
      await watch.ready;
      await tidy(context, environment);
      let refusal: string | undefined;
      do refusal = await showingErrors(context, bringUp, refusal);
      while (await watch.changed());
      interruption.checkpoint();
    } finally {
      await watch.close();
      served.abort();
      try {
        await report.step('Stop the processes; the data stays', () => stopEnvironment(stateDirectory, environment));
      } finally {
        ended.abort();
        await Promise.all([logs, supervisor.ended, workbench.close()]);
      }
    }
  });
}

/** Every change of a source is a release; those of former days are of no use to anybody. */
async function tidy(context: Context, environment: Environment): Promise<void> {
  const { ports, registry } = await openApplication(context, { here: true });
  await ports.lock.hold(environment, () => forgetFormer(environment, { ...ports, registry }));
}

/** What ran answers again before anything is built: the sources may be broken, or become so. Returns what keeps it from that. */
async function bringBack(
  context: Context,
  environment: Environment,
  port: number | undefined,
): Promise<UserError | undefined> {
  const { config, ports } = await openApplication(context, {
    here: true,
    localSecrets: readLocalSecrets(context.directory),
  });
  try {
    await start({ environment, config: withPort(config, port) }, ports);
    return undefined;
  } catch (error) {
    // The deployment that follows may mend it.
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** What keeps back what ran, and then what keeps back what is to run; each is told once. */
function withFormer(former: UserError | undefined, error: unknown): unknown {
  if (!former || !(error instanceof UserError)) return error;
  const said = new Set(former.diagnostics.map(({ code, message }) => `${code} ${message}`));
  const more = error.diagnostics.filter(({ code, message }) => !said.has(`${code} ${message}`));
  return new UserError([...former.diagnostics, ...more]);
}

/**
 * What the user can mend is shown; the next change is the next try. One that ends as the last did is told of in a line: a tool that
 * writes a file twice makes two of one save.
 * @param former what was shown of the last try, if it was refused. Returns the same of this one
 */
async function showingErrors(
  context: Context,
  work: () => Promise<void>,
  former: string | undefined,
): Promise<string | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { diagnostics } = error;
    const look = { root: context.directory, from: process.cwd(), paint };
    const text = renderDiagnostics(diagnostics.map(withoutOutput), look);
    const waiting = paint('bold', 'Waiting for a change (Ctrl-C to stop)');
    const told =
      former === text ? `Still ${[...new Set(diagnostics.map(({ code }) => code))].join(', ')}` : `${text}\n`;
    emit(context, { event: 'refused', diagnostics }, () => `${told}\n${waiting}`);
    return text;
  }
}

/** What a process wrote last is in its log, whose lines are printed anyway. */
function withoutOutput(diagnostic: Diagnostic): Diagnostic {
  if (diagnostic.code !== 'FL4008') return diagnostic;
  return { ...diagnostic, message: diagnostic.message.split('\n', 1)[0]! };
}

function runsAlready({ application }: Environment, { pid, directory }: Run): UserError {
  return new UserError({
    code: 'FL5010',
    severity: 'error',
    message: `process ${pid} runs ${application} already${directory === undefined ? '' : `, in ${directory}`}`,
    help: 'It follows the sources too. Stop it there with Ctrl-C to run the application here.',
  });
}

/** Answers what it was made of besides sources, to be followed too. */
async function deploy(
  context: Context,
  environment: Environment,
  { port, workbench, changes }: { port: number | undefined; workbench: Workbench; changes: ChangesOnly },
): Promise<string[]> {
  const { directory, report } = context;
  // Opened anew, since the configuration and the secrets are among what is followed.
  const { config, ports } = await openApplication(context, {
    here: true,
    localSecrets: readLocalSecrets(directory),
    // A hook that writes a source would be followed by itself, without end.
    hooks: false,
    workbench,
  });
  const outcome = await ports.lock.hold(environment, async () => {
    const request = { environment, root: directory, config: withPort(config, port) };
    const { plan, refusals } = await planEnvironment(request, ports);
    if (refusals.length > 0) throw new UserError(refusals);
    writeGenerated(directory, plan.release.content.graph);
    const { graph, inputs } = plan.release.content;
    return { ...(await ports.target.apply(plan, report)), graph, inputs };
  });
  const { graph, inputs, url, release, started } = outcome;
  emit(context, { event: 'running', url, release, started, endpoints: endpointsOf(graph) }, () =>
    renderRunning(url, graph, changes),
  );
  return [...served(graph), ...Object.keys(inputs)];
}

/** The directories and files that endpoints serve. */
function served({ services }: Graph): string[] {
  const assets = services.flatMap(({ endpoints }) => endpoints.flatMap((endpoint) => endpoint.assets ?? []));
  return assets.flatMap(({ directory, notFound }) => [directory, ...(notFound ? [notFound.file] : [])]);
}

function withPort(config: Config, port: number | undefined): Config {
  if (port === undefined) return config;
  const { local } = config.environments;
  return { ...config, environments: { ...config.environments, local: { ...local, port } } };
}

function endpointsOf({ services }: Graph): { service: string; endpoint: string; methods: Method[]; path: string }[] {
  return services.flatMap((service) =>
    service.endpoints
      .filter(({ exposed }) => exposed)
      .map(({ name, methods, path }) => ({ service: service.name, endpoint: name, methods, path })),
  );
}

/** With the table of endpoints when it is not the one that was printed last. */
function renderRunning(url: string, graph: Graph, changes: ChangesOnly): string {
  const rows = endpointsOf(graph).map(({ service, endpoint, methods, path }) => [
    `  ${methodsText(methods)}`,
    path,
    paint('dim', `${service}.${endpoint}`),
  ]);
  const title = `${paint('bold', graph.application)} runs at ${paint('cyan', url)}`;
  const whole = [`\n${title}`, ...(rows.length > 0 ? [table(rows)] : []), ''].join('\n');
  return changes.isNew(whole) ? whole : title;
}

async function printLogs(context: Context, lines: AsyncIterable<LogLine>): Promise<void> {
  for await (const line of lines) emit(context, { event: 'log', ...line }, () => renderLogLine(line, paint));
}

function emit({ json }: Context, event: object, render: () => string | undefined): void {
  const text = json ? JSON.stringify(event) : render();
  if (text !== undefined) process.stdout.write(`${text}\n`);
}
