import { existsSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { createProgram } from '../../cli/program.ts';
import { commandsOf, fragmentsOf, linksOf, type Page, pages, root, words } from './pages.ts';

const all = pages();
const text = new Map(all.map((page) => [page.path, page.text]));
const scripts = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')).scripts as Record<string, string>;

function brokenLinks({ path, text: own }: Page): string[] {
  return linksOf(own).filter((link) => {
    const [file, fragment] = link.split('#') as [string, string | undefined];
    const target = file === '' ? path : relative(root, resolve(root, dirname(path), file));
    if (!existsSync(resolve(root, target))) return true;
    return fragment !== undefined && !fragmentsOf(text.get(target) ?? '').includes(fragment);
  });
}

function unknownScripts(own: string): string[] {
  const named = [...own.matchAll(/\bnpm run ([a-z0-9:-]+)/g)].map((match) => match[1]!);
  return named.filter((script) => !(script in scripts));
}

/** What is named in a sentence, such as `fairlead run`. */
function unknownCommands(own: string): string[] {
  const known = createProgram(async () => {}).commands.map((command) => command.name());
  const named = [...own.matchAll(/`fairlead ([a-z][a-z-]*)/g)].map((match) => match[1]!);
  return named.filter((command) => !known.includes(command));
}

/** Why the command line would not take a command; undefined when it would. */
async function refusal(command: string): Promise<string | undefined> {
  const program = createProgram(async () => {}).configureOutput({ writeOut: () => {}, writeErr: () => {} });
  for (const one of [program, ...program.commands]) one.exitOverride().configureOutput({ writeErr: () => {} });
  try {
    await program.parseAsync(words(command).slice(1), { from: 'user' });
    return undefined;
  } catch (error) {
    return (error as { exitCode?: number }).exitCode === 0 ? undefined : `${command}: ${(error as Error).message}`;
  }
}

async function refusals(own: string): Promise<string[]> {
  const commands = commandsOf(own).filter((command) => words(command)[0] === 'fairlead');
  return (await Promise.all(commands.map(refusal))).filter((one) => one !== undefined);
}

describe.each(all.map((page) => [page.path, page] as const))('%s', (_, page) => {
  test('has links that lead somewhere', () => expect(brokenLinks(page)).toEqual([]));
  test('names scripts that exist', () => expect(unknownScripts(page.text)).toEqual([]));
  test('names commands that exist', () => expect(unknownCommands(page.text)).toEqual([]));
  test('shows commands that the command line takes', async () => expect(await refusals(page.text)).toEqual([]));
});

test('the pages are found, and with them links and commands', () => {
  expect(all.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['README.md', 'docs/cli.md', 'docs/adr/README.md']),
  );
  expect(all.flatMap((page) => linksOf(page.text)).length).toBeGreaterThan(20);
  expect(commandsOf(text.get('README.md')!)).toEqual(expect.arrayContaining(['fairlead preview --pr 1', 'npm ci']));
});

test('every setting of an environment is in the table of settings', () => {
  const schema = JSON.parse(readFileSync(resolve(root, 'pipeline/fairlead.schema.json'), 'utf8'));
  const rows = [...text.get('docs/getting-started.md')!.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1]!);
  expect(rows).toEqual(expect.arrayContaining(Object.keys(schema.$defs.one.properties)));
});

test('what is wrong in a page is found', async () => {
  const wrong = [
    '[a](nowhere.md)',
    '[b](README.md#nothing)',
    '`npm run nothing`',
    '`npm run e2e`',
    '`npm run e3e`',
    '`fairlead deploy`',
    '`fairlead db shell`',
    '```sh',
    'fairlead prewiev',
    '```',
  ].join('\n');
  expect(brokenLinks({ path: 'wrong.md', text: wrong })).toEqual(['nowhere.md', 'README.md#nothing']);
  expect(unknownScripts(wrong)).toEqual(['nothing', 'e3e']);
  expect(unknownCommands(wrong)).toEqual(['deploy']);
  expect(
    await refusals(`${wrong}\n\`\`\`sh\nfairlead preview --pr one && fairlead logs --env x --loud # why\n\`\`\``),
  ).toEqual([
    expect.stringContaining('fairlead prewiev'),
    expect.stringContaining('--pr'),
    expect.stringContaining('--loud'),
  ]);
});
