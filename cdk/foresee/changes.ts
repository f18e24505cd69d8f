import type { ResourceChange } from '../../pipeline/mod.ts';
import type { Template, TemplateResource } from '../model.ts';
import { dataNotesOf } from '../stacks/data-notes.ts';
import { detailsOf } from './details.ts';
import type { ForeseenStack } from './foresight.ts';
import { nounOf } from './nouns.ts';
import { refersTo } from './references.ts';
import { replacing } from './replacing.gen.ts';

/** Whether a change makes a new resource and takes the old one away. `maybe`: CloudFormation decides when it comes to it. */
export type Replacement = 'yes' | 'maybe' | 'no';

/** A change of these always makes a new one, a revision; nothing is lost by it, and people call it a change. */
const revised = new Set(['AWS::ECS::TaskDefinition']);

/** What keeps data that exists nowhere else, whoever made it. */
const keepers = new Set(['AWS::RDS::DBInstance', 'AWS::RDS::DBCluster', 'AWS::S3::Bucket']);

/** What becomes of each resource of a stack, those that stay as they are left out: first what goes, then by subject. */
export function changesOf({ part, next, deployed, replacements }: ForeseenStack): ResourceChange[] {
  const before = deployed?.Resources ?? {};
  const after = next.template.Resources;
  const noted = dataNotesOf(deployed);
  const replaced = deployed ? replacementsOf(deployed, next.template, replacements) : new Map<string, Replacement>();
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .flatMap((id) => {
      const [old, now] = [before[id], after[id]];
      const action = actionOf(id, old, now, replaced);
      if (!action) return [];
      const resource = (now ?? old)!;
      const meaning = next.meanings[id] ?? noted[id];
      const holds = meaning?.data !== undefined || keepers.has(resource.Type);
      const details = action === 'change' || action === 'replace' ? detailsOf(old!, now!) : [];
      const uncertain = action === 'change' && replaced.get(id) === 'maybe';
      return [
        {
          action,
          part,
          subject: meaning?.subject ?? `${nounOf(resource.Type)} ${id}`,
          resource: `${resource.Type} ${id}`,
          details: [
            ...details,
            ...(uncertain ? ['AWS decides whether it is replaced'] : []),
            ...upgradeOf(old, now),
            ...fateOf(action, old),
          ],
          data: holds && (action === 'replace' || (action === 'destroy' && old?.DeletionPolicy !== 'Retain')),
          ...(meaning?.position && { position: meaning.position }),
        } satisfies ResourceChange,
      ];
    })
    .sort(
      (a, b) => rank[a.action] - rank[b.action] || compare(a.subject, b.subject) || compare(a.resource, b.resource),
    );
}

const rank: Record<ResourceChange['action'], number> = { destroy: 0, replace: 1, change: 2, add: 3 };

function actionOf(
  id: string,
  old: TemplateResource | undefined,
  now: TemplateResource | undefined,
  replaced: ReadonlyMap<string, Replacement>,
): ResourceChange['action'] | undefined {
  if (!old) return 'add';
  if (!now) return 'destroy';
  if (replaced.get(id) === 'yes' && !revised.has(now.Type)) return 'replace';
  const isSame =
    equal(old.Properties ?? {}, now.Properties ?? {}) &&
    old.DeletionPolicy === now.DeletionPolicy &&
    old.UpdateReplacePolicy === now.UpdateReplacePolicy;
  return isSame ? undefined : 'change';
}

/** What a database server that gets another version means for whoever uses it. */
function upgradeOf(old: TemplateResource | undefined, now: TemplateResource | undefined): string[] {
  if (old?.Type !== 'AWS::RDS::DBInstance' || !now) return [];
  if (old.Properties?.EngineVersion === now.Properties?.EngineVersion) return [];
  return ['no database answers for some minutes, and there is no way back but a snapshot'];
}

/** What stays behind of a resource that goes. */
function fateOf(action: ResourceChange['action'], old: TemplateResource | undefined): string[] {
  if (action !== 'destroy' && action !== 'replace') return [];
  const policy = action === 'destroy' ? old?.DeletionPolicy : old?.UpdateReplacePolicy;
  if (policy === 'Retain') return ['the old one is kept, and no longer looked after'];
  return policy === 'Snapshot' ? ['a snapshot of the old one is kept'] : [];
}

/**
 * By logical id, which resources in both templates are replaced. A resource that refers to a replaced one sees another value, and is
 * itself replaced where that property asks for it.
 */
export function replacementsOf(
  before: Template,
  after: Template,
  said: Record<string, Replacement> = {},
): Map<string, Replacement> {
  const found = new Map<string, Replacement>();
  const both = Object.keys(after.Resources).filter((id) => before.Resources[id]);
  for (let grown = true; grown; ) {
    grown = false;
    const gone = [...found].filter(([, impact]) => impact === 'yes').map(([id]) => id);
    for (const id of both) {
      const impact = said[id] ?? impactOf(before.Resources[id]!, after.Resources[id]!, gone);
      if (impact === (found.get(id) ?? 'no')) continue;
      found.set(id, impact);
      grown = true;
    }
  }
  return found;
}

function impactOf(old: TemplateResource, now: TemplateResource, replaced: string[]): Replacement {
  if (old.Type !== now.Type) return 'yes';
  const [before, after] = [old.Properties ?? {}, now.Properties ?? {}];
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => !equal(before[key], after[key]) || replaced.some((id) => refersTo(after[key], id)),
  );
  const table = replacing[now.Type];
  if (changed.length > 0 && !table) return 'maybe';
  if (changed.some((key) => table?.yes.includes(key))) return 'yes';
  return changed.some((key) => table?.maybe?.includes(key)) ? 'maybe' : 'no';
}

/** Whether two values are the same JSON, whatever the order of keys. */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => key in right && equal(left[key], right[key]));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
