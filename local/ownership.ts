import type { OwnershipWords } from '../pipeline/refusals/ownership.ts';

export const words: OwnershipWords = {
  where: 'on this machine',
  apart: 'a state directory of their own with FAIRLEAD_STATE_DIR',
};
