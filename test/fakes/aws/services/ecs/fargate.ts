import { AwsError } from '../../model.ts';

const gib = 1024;
const steps = (from: number, to: number, by: number) =>
  Array.from({ length: (to - from) / by + 1 }, (_, index) => (from + index * by) * gib);

/** ECS Developer Guide, "Task CPU and memory" of "Task definition parameters for Fargate": MiB by CPU units. */
const table: Record<number, readonly number[]> = {
  256: [512, gib, 2 * gib],
  512: steps(1, 4, 1),
  1024: steps(2, 8, 1),
  2048: steps(4, 16, 1),
  4096: steps(8, 30, 1),
  8192: steps(16, 60, 4),
  16384: steps(32, 120, 8),
};

/** The words that `RegisterTaskDefinition` refuses with (aws/containers-roadmap, aws/copilot-cli and many others quote them). */
export function checkFargateSize(cpu: string | undefined, memory: string | undefined): void {
  if (cpu === undefined) throw client("Fargate requires that 'cpu' be defined at the task level.");
  if (memory === undefined) throw client("Fargate requires that 'memory' be defined at the task level.");
  const allowed = table[Number(cpu)];
  if (!allowed) throw client(`Invalid 'cpu' setting for task. Valid values are: ${Object.keys(table).join(', ')}.`);
  if (!allowed.includes(Number(memory))) throw client('No Fargate configuration exists for given values.');
}

const client = (message: string) => new AwsError('ClientException', message);
