import type { Diagnostic } from '../../pipeline/mod.ts';
import { UserError } from '../../pipeline/user-error.ts';
import type { Meaning } from '../model.ts';
import type { Change } from './change-set.ts';

/**
 * @param meanings of the resources of the template that is there and of the one to come
 * @throws UserError FL7110 with one diagnostic for each resource whose data would go and nobody said may
 */
export function refuseDataLoss(
  changes: readonly Change[],
  meanings: Record<string, Meaning>,
  allowed: readonly string[],
): void {
  const diagnostics = changes.flatMap(({ action, replacement, logicalId, retained }): Diagnostic[] => {
    const meaning = meanings[logicalId];
    const lost = action === 'Remove' ? !retained : action === 'Modify' && replacement !== 'False';
    if (!lost || meaning?.data === undefined || allowed.includes(meaning.data)) return [];
    const { subject, data, position } = meaning;
    const how = action === 'Remove' ? 'would be removed' : 'would be replaced by a new, empty one';
    return [
      {
        code: 'FL7110',
        severity: 'error',
        message: `${subject} ${how}, and its data with it`,
        help: `If that is meant, say so with --allow-data-loss ${data}; else put back what its name or kind depends on.`,
        ...(position && { position }),
      },
    ];
  });
  if (diagnostics.length > 0) throw new UserError(diagnostics);
}
