import { type GcpTrust, numberCommand, projectNumber, variablesOf } from './commands.ts';

/** The same as a shell script, which may run again and prints at its end what the workflows are told. Nothing in it is left for the shell to understand but the project's number. */
export function trustScript(trust: GcpTrust, { project, slug }: { project: string; slug: string }): string {
  const command = (args: string[]) => ['gcloud', ...args.map(quoted)].join(' ');
  return [
    '#!/bin/sh',
    `# What jobs of ${slug} on GitHub may do in the project ${project}. It may run again: what is there stays.`,
    'set -eu',
    `PROJECT_NUMBER="$(${command(numberCommand(project))})"`,
    ...trust.steps.flatMap(({ title, exists, create, update }) => [
      '',
      `# ${title}`,
      ...(exists
        ? [
            `if ${command(exists)} >/dev/null 2>&1; then`,
            `  ${update ? command(update) : ':'}`,
            'else',
            `  ${command(create)}`,
            'fi',
          ]
        : [command(create)]),
    ]),
    '',
    '# What the variables of the repository on GitHub are',
    ...variablesOf(trust).map(([name, value]) => `echo ${quoted(`${name}=${value}`)}`),
    '',
  ].join('\n');
}

/** One word to a shell, whatever is in it; the project's number is a variable. */
function quoted(argument: string): string {
  const parts = argument.split(projectNumber).map((part) => (/^[\w@%+=:,./-]*$/.test(part) ? part : single(part)));
  return parts.join('"$PROJECT_NUMBER"') || "''";
}

function single(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
