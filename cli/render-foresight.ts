// Not from its mod.ts: words alone are needed.
import { code, cut, details, fitting, table as markdownTable, prose } from '../pipeline/markdown.ts';
import type { Foresight, PermissionChange, Position, ResourceChange, RunningCost } from '../pipeline/mod.ts';
import type { Links } from '../pipeline/tell/content.ts';
import { count, inBrackets, longestName, longestSentence, money } from '../pipeline/tell/words.ts';
import { printable } from './printable.ts';
import { table } from './table.ts';

type Paint = (format: 'red' | 'yellow' | 'green' | 'bold' | 'dim', text: string) => string;

const signs: Record<ResourceChange['action'], { sign: string; format: 'red' | 'yellow' | 'green'; done: string }> = {
  destroy: { sign: '-', format: 'red', done: 'destroyed' },
  replace: { sign: '±', format: 'red', done: 'replaced' },
  change: { sign: '~', format: 'yellow', done: 'changed' },
  add: { sign: '+', format: 'green', done: 'added' },
};

const parts: Record<ResourceChange['part'], string> = {
  environment: 'Of the environment',
  foundation: 'Of what environments share',
};

/** Which limits people are told of: from this part of what is allowed. */
const near = 0.8;

/** What a deployment would do to AWS, for a terminal. @param paint colours, or does nothing */
export function renderForesight(foresight: Foresight, paint: Paint): string {
  const { resources, permissions, cost, limits, migrations } = foresight;
  const sections = [
    ...(Object.keys(parts) as ResourceChange['part'][]).map((part) => {
      const lines = resources.filter((one) => one.part === part).flatMap((one) => resourceLines(one, paint));
      return section(parts[part], lines, paint);
    }),
    section(
      'Permissions',
      permissions.map((one) => permissionLine(one, paint)),
      paint,
    ),
    section(
      'Migrations',
      migrations.map(({ file, safety, reason }) => {
        const format = safety === 'destructive' ? 'red' : safety === 'locking' ? 'yellow' : 'green';
        return `  ${paint(format, safety)} ${printable(file)}${reason === undefined ? '' : `: ${printable(reason)}`}`;
      }),
      paint,
    ),
    section(
      'Near a limit',
      limits.filter(isNear).map(({ what, used, most }) => `  ${printable(what)}: ${used} of ${most}`),
      paint,
    ),
    section('Cost', costLines(cost, paint), paint),
  ];
  return [`${tally(foresight)}.`, ...sections.filter((one) => one !== '')].join('\n\n');
}

/** `2 resources added, 1 replaced; 3 permissions gained`; a sentence when nothing changes. */
export function tally({ resources, permissions }: Foresight): string {
  const some = (Object.keys(signs) as ResourceChange['action'][])
    .map((action) => ({ action, number: resources.filter((one) => one.action === action).length }))
    .filter(({ number }) => number > 0)
    .map(({ action, number }, index) => `${index === 0 ? count(number, 'resource') : number} ${signs[action].done}`);
  const lost = resources.filter(({ data }) => data).length;
  const gained = permissions.filter(({ action }) => action === 'add').length;
  const taken = permissions.length - gained;
  const all = [
    some.join(', '),
    lost === 0 ? '' : `data of ${lost} would be lost`,
    [
      gained > 0 ? `${count(gained, 'permission')} gained` : '',
      taken > 0 ? `${count(taken, 'permission')} taken away` : '',
    ]
      .filter((text) => text !== '')
      .join(', '),
  ].filter((text) => text !== '');
  return all.length === 0 ? 'Nothing changes in AWS' : all.join('; ');
}

function section(title: string, lines: string[], paint: Paint): string {
  return lines.length === 0 ? '' : [paint('bold', title), ...lines].join('\n');
}

function resourceLines({ action, subject, resource, details: more, data, position }: ResourceChange, paint: Paint) {
  const { sign, format, done } = signs[action];
  const lost = data ? ` ${paint('red', `(${done}: its data is lost)`)}` : '';
  const from = placed(position);
  return [
    `  ${paint(format, sign)} ${printable(subject)}${lost} ${paint('dim', `${printable(resource)}${from}`)}`,
    ...more.map((one) => `      ${printable(one)}`),
  ];
}

function permissionLine({ action, who, what, position }: PermissionChange, paint: Paint): string {
  const sign = action === 'add' ? paint('green', '+') : paint('red', '-');
  return `  ${sign} ${printable(who)}: ${printable(what)}${paint('dim', placed(position))}`;
}

function placed(position: Position | undefined): string {
  return position ? printable(`  ${position.file}:${position.line}`) : '';
}

function costLines({ before, after }: Foresight['cost'], paint: Paint): string[] {
  const rows = after.items.map(({ what, monthly }) => [`  ${what}`, money(monthly, 'USD')]);
  const total = [`  all together, a month`, money(after.monthly, 'USD')];
  return [
    ...table([...rows, total]).split('\n'),
    `  ${compared(before, after)}`,
    `  ${paint('dim', printable(after.source))}`,
  ];
}

function compared(before: RunningCost, after: RunningCost): string {
  const difference = Math.round((after.monthly - before.monthly) * 100) / 100;
  if (difference === 0) return 'as now';
  return `${money(Math.abs(difference), 'USD')} ${difference > 0 ? 'more' : 'less'} than now`;
}

function isNear({ used, most }: Foresight['limits'][number]): boolean {
  return used >= most * near;
}

/** The same as Markdown, for a pull request's comment: what goes and who may do what first, the rest folded. */
export function renderForesightMarkdown(foresight: Foresight, links?: Links): string {
  const { resources, permissions, cost, limits, migrations } = foresight;
  const grave = resources.filter(({ action, data }) => data || action === 'replace' || action === 'destroy');
  const other = resources.filter((one) => !grave.includes(one));
  const sections = [
    `**AWS** · ${prose(tally(foresight))}`,
    bullets(grave.map((one) => resourceBullet(one, links))),
    permissions.length === 0
      ? ''
      : `**Permissions**\n\n${bullets(permissions.map((one) => permissionBullet(one, links)))}`,
    folded(`${count(other.length, 'other resource')}`, bullets(other.map((one) => resourceBullet(one, links)))),
    migrations.length === 0
      ? ''
      : `**Migrations**\n\n${bullets(
          migrations.map(
            ({ file, safety, reason }) =>
              `${code(cut(file, 200))} is ${safety}${reason === undefined ? '' : `: ${prose(cut(reason, longestSentence))}`}`,
          ),
        )}`,
    bullets(limits.filter(isNear).map(({ what, used, most }) => `⚠️ ${prose(what)}: ${used} of ${most}`)),
    costMarkdown(cost),
  ];
  return sections.filter((text) => text !== '').join('\n\n');
}

function resourceBullet(
  { action, subject, resource, details: more, data, position }: ResourceChange,
  links: Links | undefined,
) {
  const changes = more.length === 0 ? '' : `: ${prose(cut(more.join('; '), longestSentence))}`;
  const lost = data ? ' **its data is lost**' : '';
  const name = `${prose(cut(subject, longestSentence))} ${code(cut(resource, longestSentence))}`;
  return `**${signs[action].done}** ${name}${changes}${lost}${inBrackets(position, links)}`;
}

function permissionBullet({ action, who, what, position }: PermissionChange, links: Links | undefined): string {
  const verb = action === 'add' ? 'gains' : 'loses';
  return `${code(cut(who, longestName))} ${verb} ${prose(cut(what, longestSentence))}${inBrackets(position, links)}`;
}

function costMarkdown({ before, after }: Foresight['cost']): string {
  const head = `**Cost** · ${money(after.monthly, 'USD')} a month, ${compared(before, after)}`;
  if (after.items.length === 0) return head;
  const rows = after.items.map(({ what, monthly }) => [prose(what), money(monthly, 'USD')]);
  const body = `${markdownTable(['what', 'a month'], rows.slice(0, 60))}\n\n${prose(after.source)}`;
  return `${head}\n\n${details('What for', body)}`;
}

function bullets(items: readonly string[]): string {
  const { shown, more } = fitting(
    items.map((item) => `- ${item}`),
    { count: 40, characters: 8_000 },
  );
  return [...shown, ...(more > 0 ? [`- … and ${more} more`] : [])].join('\n');
}

function folded(summary: string, body: string): string {
  return body === '' ? '' : details(summary, body);
}
