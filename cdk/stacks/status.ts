/** What a status of CloudFormation means for whoever wants to change or remove the stack. */
export type Phase =
  /** Can be changed. */
  | 'steady'
  /** Somebody works on it. */
  | 'working'
  /** Done, but for what is taken away behind it. */
  | 'tidying'
  /** Was never made: only its name is taken. */
  | 'empty'
  /** Its first creation failed, so that it can only be deleted. */
  | 'dead'
  /** A change failed and was not taken back whole. */
  | 'stuck'
  /** Is being deleted, or could not be. */
  | 'leaving';

/** By status. The words are those of the AWS CloudFormation User Guide, "Stack status codes". */
const phases: Record<string, Phase> = {
  CREATE_COMPLETE: 'steady',
  UPDATE_COMPLETE: 'steady',
  UPDATE_ROLLBACK_COMPLETE: 'steady',
  IMPORT_COMPLETE: 'steady',
  IMPORT_ROLLBACK_COMPLETE: 'steady',
  UPDATE_COMPLETE_CLEANUP_IN_PROGRESS: 'tidying',
  UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS: 'tidying',
  CREATE_IN_PROGRESS: 'working',
  UPDATE_IN_PROGRESS: 'working',
  ROLLBACK_IN_PROGRESS: 'working',
  UPDATE_ROLLBACK_IN_PROGRESS: 'working',
  IMPORT_IN_PROGRESS: 'working',
  IMPORT_ROLLBACK_IN_PROGRESS: 'working',
  DELETE_IN_PROGRESS: 'leaving',
  DELETE_FAILED: 'leaving',
  REVIEW_IN_PROGRESS: 'empty',
  CREATE_FAILED: 'dead',
  ROLLBACK_COMPLETE: 'dead',
  ROLLBACK_FAILED: 'dead',
  UPDATE_FAILED: 'stuck',
  UPDATE_ROLLBACK_FAILED: 'stuck',
  IMPORT_ROLLBACK_FAILED: 'stuck',
};

/** A status that is not known is one that nobody should touch. */
export function phaseOf(status: string): Phase {
  return phases[status] ?? 'working';
}

export function isInProgress(status: string): boolean {
  return status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';
}

/** Whether what was asked for was done: a status that ends well, and is no way back. */
export function isSuccess(status: string): boolean {
  return /^(CREATE|UPDATE|IMPORT|DELETE)_COMPLETE(_CLEANUP_IN_PROGRESS)?$/.test(status);
}
