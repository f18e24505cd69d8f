import { UserError } from '../../analyzer/diagnostic.ts';
import { makeThrowAway } from '../../local/mod.ts';
import { parseConfig, parseEnvironment, planSources } from '../../pipeline/mod.ts';
import { analyzeApplication, applicationName, readText } from '../application.ts';
import { attach } from '../attach.ts';
import { runChild } from '../child.ts';
import type { Context, Ended } from '../context.ts';
import { writeGenerated } from '../generated-files.ts';
import { readLocalSecrets } from '../local-secrets.ts';
import { packageManagerOf, runScript, scriptOf } from '../package-manager.ts';

/** Runs the tests of the application, by its own script, with infrastructure that is thrown away. */
export async function test(context: Context, { args }: { args: string[] }): Promise<Ended> {
  const { directory, stateDirectory, interruption, report } = context;
  const application = applicationName(directory);
  if (scriptOf(directory, 'test') === undefined) throw noScript(application);
  const graph = await analyzeApplication(context);
  writeGenerated(directory, graph);
  // The values of secrets are those of a developer's machine.
  const environment = { ...parseEnvironment(application, 'test'), type: 'local' as const };
  const plan = planSources(
    graph,
    environment,
    parseConfig(readText(directory, 'fairlead.json') ?? '{}', 'fairlead.json'),
  );
  const localSecrets = readLocalSecrets(directory);
  const infrastructure = await interruption.busy(() =>
    makeThrowAway({ stateDirectory, plan, root: directory, localSecrets }, report),
  );
  try {
    interruption.checkpoint();
    const { workDirectory } = infrastructure;
    const config = { metadata: { ...infrastructure.config.metadata, env_type: 'test' as const } };
    const env = attach({ root: directory, graph, infrastructure, workDirectory, config, test: true });
    const manager = packageManagerOf(directory);
    const child = { command: manager, args: runScript(manager, 'test', args), directory };
    return { exitCode: await runChild({ ...child, env: { ...env, NODE_ENV: 'test' } }, interruption) };
  } finally {
    await interruption.busy(() => infrastructure.remove());
  }
}

function noScript(application: string): UserError {
  return new UserError({
    code: 'FL5023',
    severity: 'error',
    message: `${application} has no tests that could be run: its package.json has no script \`test\``,
    help: 'Add one, such as "test": "vitest run". fairlead test runs it with databases and topics of its own.',
  });
}
