import type { Phase } from '../stacks/status.ts';

/** What can be done for a stack in which no deployment can go on. */
export type Action =
  /** Wait for what AWS is doing to end. */
  | 'wait'
  /** Delete a first creation that would wait for processes for hours. */
  | 'end'
  /** Tell ECS to take back what it has paused, tell CloudFormation to take back the rest, and wait. */
  | 'cancel'
  /** Delete what is only a name, or the remains of a first creation. */
  | 'delete'
  /** Let the way back go on, without what cannot go back if it comes to that. */
  | 'continue'
  /** Apply the template that CloudFormation has once more. */
  | 'replay'
  /** Go on deleting. */
  | 'finish';

/** A state in which a stack can be found, and the way out. */
export interface Row {
  status: string;
  phase: Phase;
  /** How a stack comes to be so, in a clause. */
  means: string;
  action: Action;
}

/** Every status of CloudFormation that is no good state to deploy into. */
export const table: readonly Row[] = [
  {
    status: 'REVIEW_IN_PROGRESS',
    phase: 'empty',
    means: 'a first deployment ended before anything was made',
    action: 'delete',
  },
  {
    status: 'CREATE_FAILED',
    phase: 'dead',
    means: 'a first deployment failed, with nothing to go back to',
    action: 'delete',
  },
  {
    status: 'ROLLBACK_COMPLETE',
    phase: 'dead',
    means: 'a first deployment failed, and what it had made is gone',
    action: 'delete',
  },
  {
    status: 'ROLLBACK_FAILED',
    phase: 'dead',
    means: 'a first deployment failed, and some of what it had made could not be removed',
    action: 'delete',
  },
  {
    status: 'CREATE_IN_PROGRESS',
    phase: 'working',
    means: 'a first deployment goes on that nobody looks after any more',
    action: 'end',
  },
  { status: 'ROLLBACK_IN_PROGRESS', phase: 'working', means: 'a first deployment is being taken back', action: 'wait' },
  {
    status: 'UPDATE_IN_PROGRESS',
    phase: 'working',
    means: 'a deployment goes on that nobody looks after any more',
    action: 'cancel',
  },
  {
    status: 'UPDATE_ROLLBACK_IN_PROGRESS',
    phase: 'working',
    means: 'a deployment is being taken back',
    action: 'wait',
  },
  {
    status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    phase: 'tidying',
    means: 'what a deployment has replaced is being removed',
    action: 'wait',
  },
  {
    status: 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
    phase: 'tidying',
    means: 'what a deployment had made is being removed',
    action: 'wait',
  },
  {
    status: 'UPDATE_FAILED',
    phase: 'stuck',
    means: 'a deployment failed, and was not taken back',
    action: 'replay',
  },
  {
    status: 'UPDATE_ROLLBACK_FAILED',
    phase: 'stuck',
    means: 'a deployment failed, and could not be taken back whole',
    action: 'continue',
  },
  { status: 'DELETE_IN_PROGRESS', phase: 'leaving', means: 'it is being removed', action: 'wait' },
  {
    status: 'DELETE_FAILED',
    phase: 'leaving',
    means: 'its removal failed',
    action: 'finish',
  },
];

export function rowOf(status: string): Row | undefined {
  return table.find((row) => row.status === status);
}
