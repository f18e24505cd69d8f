import type { TemplateResource } from '../model.ts';
import { words } from './nouns.ts';

/** More than that is counted, not told. */
const longestList = 6;
const longestValue = 48;

const units: Record<string, string> = {
  AllocatedStorage: 'GiB',
  BackupRetentionPeriod: 'days',
  DelaySeconds: 's',
  HealthCheckIntervalSeconds: 's',
  MaxAllocatedStorage: 'GiB',
  Memory: 'MiB',
  MessageRetentionPeriod: 's',
  RetentionInDays: 'days',
  VisibilityTimeout: 's',
};

/** What differs between two states of a resource, one line each: `visibility timeout 30 → 60 s`. */
export function detailsOf(old: TemplateResource, now: TemplateResource): string[] {
  const lines = [
    ...differences(old.Properties ?? {}, now.Properties ?? {}, []),
    ...differences(
      { DeletionPolicy: old.DeletionPolicy, UpdateReplacePolicy: old.UpdateReplacePolicy },
      { DeletionPolicy: now.DeletionPolicy, UpdateReplacePolicy: now.UpdateReplacePolicy },
      [],
    ),
  ];
  const more = lines.length - longestList;
  return more > 1 ? [...lines.slice(0, longestList), `and ${more} more`] : lines;
}

function differences(before: unknown, after: unknown, path: string[]): string[] {
  const [old, now] = [opened(before), opened(after)];
  if (isBranch(old) && isBranch(now)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(now)])];
    return keys.flatMap((key) => differences(old[key], now[key], [...path, key]));
  }
  const [left, right] = [shown(old), shown(now)];
  if (left === right && JSON.stringify(old) === JSON.stringify(now)) return [];
  const what = path
    .filter((part) => !/^\d+$/.test(part))
    .map(words)
    .join(' ');
  const unit = units[path.at(-1)!];
  const text = left === right ? 'changes' : `${left} → ${right}${unit === undefined ? '' : ` ${unit}`}`;
  return [`${what} ${text}`];
}

/** JSON within text is looked into; lists of named things go by their names. */
function opened(value: unknown): unknown {
  if (typeof value === 'string' && /^[{[]/.test(value)) {
    try {
      return opened(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (!Array.isArray(value)) return value;
  const names = value.map((one) => one?.Name ?? one?.Key ?? one?.Sid ?? one?.name);
  const named = names.every((name) => typeof name === 'string') && new Set(names).size === names.length;
  if (!named || value.length === 0) return { ...value };
  return Object.fromEntries(value.map((one, index) => [names[index], 'Value' in one ? one.Value : withoutName(one)]));
}

function withoutName({ Name: _, Key: __, Sid: ___, name: ____, ...rest }: Record<string, unknown>) {
  return rest;
}

/** An intrinsic function is a value as a whole. */
function isBranch(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  return !Object.keys(value).some((key) => key === 'Ref' || key.startsWith('Fn::'));
}

function shown(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === '') return 'empty';
  return text.length > longestValue ? `${text.slice(0, longestValue - 1)}…` : text;
}
