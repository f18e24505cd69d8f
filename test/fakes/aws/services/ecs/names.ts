import type { Random } from '../../model.ts';
import type { Where } from './model.ts';

export const arnOf = ({ account, region }: Where, kind: string, ...path: (string | number)[]): string =>
  `arn:aws:ecs:${region}:${account}:${kind}/${path.join('/')}`;

/** ECS Developer Guide, "Amazon Resource Names (ARNs) and IDs": 32 hexadecimal digits. */
export const taskId = (random: Random): string => random.text(32, '0123456789abcdef');

/** `ecs-svc/1234567890123456789`. */
export const deploymentId = (random: Random): string =>
  `ecs-svc/${random.text(1, '123456789')}${random.text(18, '0123456789')}`;

const words = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export const serviceDeploymentId = (random: Random): string => random.text(21, words);
export const revisionId = (random: Random): string => random.text(19, '123456789');
/** As in "Pause hooks for Amazon ECS service deployments". */
export const hookId = (random: Random): string => `ecs-pause-${random.text(43, words)}`;

/** What a name or an ARN names: `service/cluster/name` → `name`. */
export const lastWord = (nameOrArn: string): string => nameOrArn.split('/').at(-1) ?? nameOrArn;
