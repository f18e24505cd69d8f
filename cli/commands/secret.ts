import { globSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { UserError } from '../../analyzer/diagnostic.ts';
import { type EnvironmentType, parseEnvironment, type SecretScope } from '../../pipeline/mod.ts';
import { readText } from '../application.ts';
import type { Context, Result } from '../context.ts';
import { Interrupted } from '../interruption.ts';
import { table } from '../table.ts';
import { isSource } from '../watch-sources.ts';
import { openApplication } from '../wiring.ts';

interface Options {
  name: string;
  type?: EnvironmentType[];
  env?: string;
}

/** Sets a secret to what standard input or the user at the terminal says. */
export async function set(context: Context, options: Options): Promise<Result> {
  const { application, ports } = await openApplication(context);
  const scopes = scopesOf(application, options);
  await ports.target.secrets.set(application, options.name, await readValue(options.name), scopes);
  if (!isNamedInSources(context.directory, options.name)) {
    context.report.warn(
      `No source of ${application} names ${options.name} yet; it is read by secret("${options.name}").`,
    );
  }
  return { document: { name: options.name, scopes }, text: `Set ${options.name} for ${named(scopes)}.` };
}

/** Names and scopes; no values. */
export async function list(context: Context): Promise<Result> {
  const { application, ports } = await openApplication(context);
  const secrets = await ports.target.secrets.list(application);
  const rows = secrets.map(({ name, scopes, updated }) => [name, named(scopes), updated]);
  return {
    document: { application, secrets },
    text:
      rows.length > 0 ? table([['secret', 'has a value for', 'updated'], ...rows]) : `${application} has no secrets.`,
  };
}

/** Removes the value in the scopes named. */
export async function remove(context: Context, options: Options): Promise<Result> {
  const { application, ports } = await openApplication(context);
  const asked = scopesOf(application, options);
  const held = (await ports.target.secrets.list(application)).find(({ name }) => name === options.name)?.scopes ?? [];
  const scopes = asked.filter((scope) => held.some((other) => named([other]) === named([scope])));
  if (scopes.length === 0) {
    return {
      document: { name: options.name, scopes },
      text: `There is nothing to remove: ${options.name} has no value for ${named(asked)}.`,
    };
  }
  await ports.target.secrets.remove(application, options.name, scopes);
  return { document: { name: options.name, scopes }, text: `Removed ${options.name} for ${named(scopes)}.` };
}

function scopesOf(application: string, { name, type, env }: Options): SecretScope[] {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new UserError({
      code: 'FL5006',
      severity: 'error',
      message: `${JSON.stringify(name)} cannot be the name of a secret`,
      help: 'Use the name the code gives to secret("…"): letters, digits and underscores, not beginning with a digit.',
    });
  }
  if (type) return type.map((one) => ({ type: one }));
  if (env !== undefined) return [{ environment: parseEnvironment(application, env).name }];
  throw new UserError({
    code: 'FL5007',
    severity: 'error',
    message: 'It is not said where the secret belongs',
    help: 'Add --type with environment types, such as --type preview,local, or --env with one environment.',
  });
}

function named(scopes: SecretScope[]): string {
  return scopes.map((scope) => ('type' in scope ? `type ${scope.type}` : scope.environment)).join(', ');
}

/** Far cheaper than an analysis, and enough: the name of a secret is a literal. */
function isNamedInSources(directory: string, name: string): boolean {
  const literal = new RegExp(`(['"\`])${name}\\1`);
  return globSync('**/*.{ts,mts,tsx}', { cwd: directory, exclude: (path) => !isSource(path) }).some((file) =>
    literal.test(readText(directory, file) ?? ''),
  );
}

/** Never from the arguments, which other users of the machine can see. */
async function readValue(name: string): Promise<string> {
  const value = process.stdin.isTTY ? await ask(name) : (await text(process.stdin)).replace(/\r?\n$/, '');
  if (value !== '') return value;
  throw new UserError({
    code: 'FL5005',
    severity: 'error',
    message: `No value was given for ${name}`,
    help: `Type it when asked, or pass it on standard input: fairlead secret set ${name} … < file.`,
  });
}

async function ask(name: string): Promise<string> {
  const { default: password } = await import('@inquirer/password');
  try {
    return await password({ message: `Value of ${name}:` }, { output: process.stderr });
  } catch (error) {
    // The prompt reads the keys itself, so Ctrl-C is no signal while it does.
    throw error instanceof Error && error.name === 'ExitPromptError' ? new Interrupted('SIGINT') : error;
  }
}
