import type { Rule } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Plan, Target } from '../../../pipeline/mod.ts';
import type { FakeAws } from '../../fakes/aws/fake.ts';
import type { Ecs } from '../../fakes/aws/services/ecs/model.ts';
import type { ElasticLoadBalancing } from '../../fakes/aws/services/elasticloadbalancing/elasticloadbalancing.ts';
import type { S3 } from '../../fakes/aws/services/s3/s3.ts';
import type { Databases } from './databases.ts';
import { application, type Sources } from './sources.ts';

/** Looks at the account again and again, and remembers what must never be. */
export class Watchman {
  readonly violations: string[] = [];
  readonly #aws: FakeAws;
  readonly #databases: Databases;
  readonly #sources: Sources;
  /** Heads of releases that were tried out in production, and did what they should. */
  readonly #verified = new Set<string>();
  /** Data stores of production that were there. */
  readonly #stores = new Set<string>();
  /** Whether production has answered once. */
  #live = false;

  constructor(aws: FakeAws, databases: Databases, sources: Sources) {
    [this.#aws, this.#databases, this.#sources] = [aws, databases, sources];
  }

  /** The same target, which tells what was verified in production. */
  watched(target: Target): Target {
    return {
      ...target,
      apply: async (plan, report, { verify, ...options } = {}) => {
        const isLive = plan.environment.type === 'production';
        let failed = false;
        const tried =
          verify &&
          (async (url: string) => {
            await verify(url).catch((error: unknown) => {
              failed = true;
              throw error;
            });
            // With a part of the requests, the former release may answer as well: the first try counts, too.
            if (isLive && !failed) this.#verified.add(this.#headOf(plan));
          });
        const outcome = await target.apply(plan, report, { ...options, ...(tried && { verify: tried }) });
        if (isLive) this.#live = true;
        return outcome;
      },
    };
  }

  #headOf({ processes }: Plan): string {
    return this.#sources.headOf(processes[0]!.image) ?? '';
  }

  look(): void {
    const at = new Date(this.#aws.world.clock.now()).toISOString().slice(5, 19);
    const answering = this.answering('production');
    if (this.#live && !answering.some((head) => this.#verified.has(head)))
      this.#tell(`production has no healthy release that was verified (${answering.join(', ') || 'none'})`, at);
    const stores = new Set(this.stores());
    for (const store of this.#stores) if (!stores.has(store)) this.#tell(`${store} is gone`, at);
    for (const store of stores) this.#stores.add(store);
  }

  #tell(what: string, at: string): void {
    if (!this.violations.some((one) => one.endsWith(what))) this.violations.push(`${at}: ${what}`);
  }

  /** The heads of what an environment's front door leads to, and that is healthy. */
  answering(environment: string): string[] {
    const { world } = this.#aws;
    const balancing = world.service<ElasticLoadBalancing>('elasticloadbalancing');
    const groups = this.#rules(balancing)
      .filter(({ Conditions }) => JSON.stringify(Conditions).includes(`"${application}/${environment}"`))
      .flatMap(({ RuleArn }) => Object.entries(balancing.ruleWeights(RuleArn!) ?? {}))
      .flatMap(([group, weight]) => (weight > 0 ? [group] : []));
    const heads = new Set<string>();
    for (const { targets, address = '', definition } of world.service<Ecs>('ecs').state.tasks.values())
      for (const { targetGroupArn, port } of targets) {
        if (!groups.includes(targetGroupArn)) continue;
        if (balancing.targetHealth(targetGroupArn, { id: address, port })?.state !== 'healthy') continue;
        const app = definition.containerDefinitions?.find(({ name }) => name === 'app');
        heads.add(this.#sources.headOf(app?.image ?? '') ?? '?');
      }
    return [...heads].sort();
  }

  #rules({ tagged, operations }: ElasticLoadBalancing): Rule[] {
    const { account, region } = this.#aws.world;
    const call = { account, region, principal: { kind: 'root' as const, account }, requestId: 'watchman' };
    const listeners = [...tagged!()].map(({ arn }) => arn).filter((arn) => arn.includes(':listener/'));
    return listeners.flatMap(
      (ListenerArn) => (operations.DescribeRules!({ ListenerArn }, call) as { Rules: Rule[] }).Rules,
    );
  }

  #isNew(arn: string): boolean {
    const bucket = this.#aws.world.service<S3>('s3').buckets.get(arn.split(':::')[1] ?? '');
    return !this.#live && bucket?.keys.size === 0;
  }

  /** What of production holds data, or could by now: servers, buckets, and databases on servers. A bucket that no process has seen yet does not. */
  stores(): string[] {
    const found: string[] = [];
    for (const id of ['rds', 's3'])
      for (const { arn, tags } of this.#aws.world.services.get(id)?.tagged?.() ?? [])
        if (tags['fairlead:type'] === 'production' && /:db:|:s3:::/.test(arn) && !this.#isNew(arn)) found.push(arn);
    for (const name of this.#databases.all.keys())
      if (name.startsWith(`${application}_production_`)) found.push(`database ${name}`);
    return found;
  }
}
