import { setTimeout } from 'node:timers/promises';
import type { Cloud, Deployed, Environment, Reporter, Target } from '../pipeline/mod.ts';
import { isOwn, refuseForeign } from '../pipeline/refusals/ownership.ts';
import { readAccount } from './account.ts';
import { explainStack } from './apply/explain.ts';
import type { Aws } from './aws.ts';
import { type Clients, type Env, openClients } from './clients.ts';
import { ownerOf, wordsIn } from './deployed.ts';
import { translated } from './errors.ts';
import type { AwsImages } from './images/mod.ts';
import type { AppOutputs, AwsWritten } from './model.ts';
import { stackName } from './names.ts';
import { notThere } from './not-there.ts';
import { createSecretStore } from './secrets.ts';
import { readStack, type StackState } from './stacks/read.ts';
import type { Time } from './time.ts';

export interface AwsTargetOptions {
  /** Credentials, profiles and endpoints of the user. */
  env: Env;
  /** @default what `env` or the profile says */
  region?: string;
  /** Twelve digits: credentials of another account are refused. @default any */
  account?: string;
  images: AwsImages;
  /** What fairlead.json says for an environment. */
  written(environment: Environment): AwsWritten;
  /**
   * `owner/name` of the repository that it works for: then it sees and touches only what was put up for that. @default whoever has the
   * credentials, who may see and touch everything
   */
  repository?: string;
  /** @default the clock of this machine */
  now?: () => Date;
  /** Waits so many milliseconds. @default by that clock */
  wait?: (milliseconds: number) => Promise<void>;
}

/** Environments in one region of an AWS account. Nothing is asked, and little is loaded, before it is needed. */
export function createAwsTarget(options: AwsTargetOptions): Target {
  const { env, region, images, written, repository } = options;
  const clients = openClients(env, region);
  const time: Time = { now: options.now ?? (() => new Date()), wait: options.wait ?? ((time) => setTimeout(time)) };
  const secrets = createSecretStore(clients);
  let aws: Promise<Aws> | undefined;

  /** Credentials may get better from one use case to the next. */
  function open(): Promise<Aws> {
    aws ??= readAccount(clients, options.account)
      .then((account) => {
        const parts = { clients, account, time, images, secrets, written };
        return { ...parts, ...(repository !== undefined && { repository }) };
      })
      .catch((error: unknown) => {
        aws = undefined;
        throw error;
      });
    return aws;
  }

  /** @throws UserError FL4020 when it is there and is not for us */
  async function stackOf({ account }: Aws, environment: Environment): Promise<StackState | undefined> {
    const stack = await readStack(clients, stackName(environment));
    refuseForeign(stack && ownerOf(stack), repository, wordsIn(account.id));
    return stack;
  }

  /** @throws UserError FL7125 when it is not there, FL4020 */
  async function existing(at: Aws, environment: Environment): Promise<StackState> {
    const stack = await stackOf(at, environment);
    if (!stack) throw notThere(environment, at.account.id);
    return stack;
  }

  const target: Target = {
    name: 'aws',
    secrets: { ...saying(secrets) },
    async where() {
      const { account } = await open();
      return `the AWS account ${account.id} in ${account.region}`;
    },
    async list(application) {
      const { listEnvironments } = await import('./list.ts');
      const all = await listEnvironments(await open(), application);
      return all.filter((one) => isOwn(one, repository));
    },
    async read(environment): Promise<Deployed | undefined> {
      const at = await open();
      const stack = await stackOf(at, environment);
      const { look } = await import('./read.ts');
      return stack && look(at, stack);
    },
    async apply(plan, report, applyOptions) {
      const at = await open();
      const { apply } = await import('./apply/apply.ts');
      return apply(at, plan, report, applyOptions);
    },
    async destroy(environment, report) {
      const at = await open();
      await stackOf(at, environment);
      const { destroy } = await import('./destroy/destroy.ts');
      return destroy(at, environment, report);
    },
    async *logs(environment, logOptions) {
      const at = await open();
      const stack = await existing(at, environment);
      const { LogGroup } = stack.outputs as Partial<AppOutputs>;
      const { readLogs } = await import('./logs.ts');
      if (LogGroup !== undefined) yield* readLogs(at, LogGroup, logOptions);
    },
    async trigger(environment, cronJob) {
      const at = await open();
      const stack = await existing(at, environment);
      const { trigger } = await import('./trigger.ts');
      await trigger(at, environment, stack.outputs, cronJob);
    },
  };
  return { ...saying(target), cloud: saying(cloudOf({ open, existing, clients })) };
}

interface Parts {
  open(): Promise<Aws>;
  existing(aws: Aws, environment: Environment): Promise<StackState>;
  clients: Clients;
}

function cloudOf({ open, existing }: Parts): Cloud {
  return {
    async foresee(plan, report) {
      const { foreseePlan } = await import('./foresee-plan.ts');
      return foreseePlan(await open(), plan, report);
    },
    async drift(environment, report) {
      const at = await open();
      const stack = await existing(at, environment);
      const { drift } = await import('./drift.ts');
      return report.step('Look for what was changed by hand', () => drift(at, stack, {}));
    },
    async revert(environment, report) {
      const at = await open();
      const stack = await existing(at, environment);
      const { revert } = await import('./drift.ts');
      return revert(at, stack, {}, report);
    },
    async repair(environment, report) {
      const at = await open();
      const { repairEnvironment } = await import('./repair/environment.ts');
      return repairEnvironment(at, environment, report);
    },
    async cost(environment) {
      const at = await open();
      const stack = await existing(at, environment);
      const { runningCost } = await import('./running-cost.ts');
      return runningCost(at, stack);
    },
    async sleep(environment, report) {
      const at = await open();
      const stack = await existing(at, environment);
      const { sleep } = await import('./idle.ts');
      await sleep(at, stack, report);
    },
    async wake(environment, report) {
      const at = await open();
      const stack = await existing(at, environment);
      const { wake } = await import('./idle.ts');
      await wake(at, stack, report);
    },
    async synthesize(plan, directory) {
      const { synthesizeInto } = await import('./synthesize-into.ts');
      return synthesizeInto(await open(), plan, directory);
    },
    async destroyFoundation(application, type, report: Reporter) {
      const at = await open();
      const { destroyFoundation } = await import('./destroy/foundation.ts');
      return destroyFoundation(at, application, type, report);
    },
  };
}

/** The same, with what AWS throws in words for the user. */
function saying<T extends object>(port: T): T {
  return Object.fromEntries(
    Object.entries(port).map(([name, value]) => {
      if (typeof value !== 'function') return [name, value];
      if (name === 'logs')
        return [
          name,
          async function* (...args: unknown[]) {
            try {
              yield* value.apply(port, args) as AsyncIterable<unknown>;
            } catch (error) {
              throw inWords(error);
            }
          },
        ];
      return [
        name,
        async (...args: unknown[]) => {
          try {
            return await (value.apply(port, args) as Promise<unknown>);
          } catch (error) {
            throw inWords(error);
          }
        },
      ];
    }),
  ) as T;
}

function inWords(error: unknown): unknown {
  return translated(explainStack(error, {}));
}
