import { kit } from '../../github/kit.ts';
import { FakeGitHub } from '../fakes/github/fake.ts';
import type { Happening } from '../fakes/github/model/happenings.ts';
import type { Pull } from '../fakes/github/model/pulls.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import { VirtualClock } from '../harness/clock.ts';
import { eventsOf } from '../harness/events.ts';
import type { Files, Workflow } from '../harness/model.ts';
import { readWorkflow } from '../harness/parse.ts';
import { Platform, type PlatformOptions } from '../harness/platform.ts';
import type { Handler } from '../harness/steps.ts';
import { Trees } from '../harness/trees.ts';
import { isTriggered } from '../harness/triggers.ts';
import { ArtifactStore } from './artifacts.ts';
import { Cloud } from './cloud.ts';
import { type Ended, handlersOf } from './handlers.ts';
import { readKit, readTemplates } from './kit-files.ts';
import type { World } from './runner.ts';
import { policiesOf } from './trust.ts';

export interface ScenarioOptions extends Pick<PlatformOptions, 'delay' | 'review' | 'first' | 'secrets'> {
  /** Changes the workflows and actions of the kit, to take a guard away. */
  kit?: (files: Files) => Files;
  /** Changes what the user has copied. */
  templates?: (files: Files) => Files;
}

/** What was last told of a pull request to a workflow that has credentials. */
export interface Told {
  head: string;
  base: string;
  wanted: boolean;
}

/** A user's repository on GitHub with the kit's workflows, a cloud, and everything that people do there. */
export class Scenario {
  readonly clock = new VirtualClock();
  readonly github = new FakeGitHub({ clock: this.clock });
  readonly repository: Repository;
  readonly trees: Trees;
  readonly platform: Platform;
  readonly cloud: Cloud;
  readonly artifacts: ArtifactStore;
  readonly world: World;
  /** Our steps that came to their end. */
  readonly ended: Ended[] = [];
  /** The scripts of steps, as a shell would get them. */
  readonly scripts: string[] = [];
  /** By pull request. */
  readonly told = new Map<number, Told>();

  constructor(
    files: { kit: Files; templates: Files; preview: Workflow },
    options: Omit<ScenarioOptions, 'kit' | 'templates'>,
  ) {
    const { world } = this.github;
    this.repository = world.createRepository('ada/shop');
    this.trees = new Trees(world);
    this.trees.set(this.repository.branches.get('main')!, {
      'package.json': '{ "name": "shop" }',
      'fairlead.json': '{}',
      'src/main.ts': 'begin',
      ...files.templates,
    });
    this.repository.environments.set('preview', { branches: ['refs/pull/*/merge', 'main'] });
    this.repository.environments.set('production', { branches: ['main'] });
    this.repository.environments.set('preview-fork', { branches: ['main'] });
    this.repository.collaborators.set('tim', 'triage');
    this.cloud = new Cloud(this.clock, this.repository.fullName);
    this.artifacts = new ArtifactStore(this.clock, this.repository);
    // Before the platform hears of it: what was pushed has to be there.
    world.onHappening(({ name, details }) => {
      if (name === 'push') this.#fill(details as { ref: string; after: string });
    });
    world.onHappening((happening) => {
      if (happening.repository !== this.repository || !isOfInterest(happening)) return;
      // What nobody is told of, on a conflict, may be what a run that still works finds.
      if (happening.pull !== undefined) this.told.delete(happening.pull);
      for (const event of eventsOf(happening)) {
        if (event.name !== 'pull_request' || !isTriggered(files.preview, event)) continue;
        if (event.fork || event.actor === 'dependabot[bot]') continue;
        const pull = this.repository.pulls.require(event.pull!);
        this.told.set(pull.number, {
          head: pull.head.sha,
          base: pull.base.ref,
          wanted: isWanted(pull, this.repository),
        });
      }
    });
    this.world = {
      ...{ github: this.github, repository: this.repository, trees: this.trees, cloud: this.cloud },
      ...{ artifacts: this.artifacts, directories: new Map(), hooks: new Map() },
      ...{ policies: policiesOf(this.repository), restored: new Set(), compares: true, forges: false },
    };
    this.platform = new Platform({
      ...{ world, clock: this.clock, trees: this.trees, repository: this.repository },
      kit: { repository: kit.repository, refs: [kit.ref], sha: 'c'.repeat(40), files: files.kit },
      handlers: noting(
        this.scripts,
        handlersOf(this.world, (one) => void this.ended.push(one)),
      ),
      ...options,
    });
  }

  /** A new commit changes one file, which is its branch's; a merge is what its sides are together. */
  #fill({ ref, after }: { ref: string; after: string }): void {
    const commit = this.github.world.commits.get(after);
    if (commit?.parents.length !== 1) return;
    const branch = ref.replace('refs/heads/', '');
    this.trees.change(after, { [`src/${branch}.ts`]: after });
  }

  /** What runs at a place; undefined when nothing is there. */
  standing(name: string) {
    return this.cloud.environments.get(`shop/${name}`);
  }

  sweep(): void {
    this.platform.schedule('.github/workflows/cleanup.yml', '17 4 * * *');
  }

  rollback(inputs: Record<string, string | boolean> = {}): void {
    this.platform.dispatch('.github/workflows/rollback.yml', { action: 'rollback', ...inputs });
  }

  resume(): void {
    this.platform.dispatch('.github/workflows/rollback.yml', { action: 'resume' });
  }
}

/** A label that is not ours and an edit of the text change nothing. */
function isOfInterest({ action, details }: Happening): boolean {
  if (action === 'labeled' || action === 'unlabeled') return details.label === 'fairlead:preview';
  return action !== 'edited' || (details.changes as { base?: unknown }).base !== undefined;
}

function noting(scripts: string[], handlers: Record<string, Handler>): Record<string, Handler> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]): [string, Handler] => [
      name,
      (call) => {
        if (call.script !== undefined) scripts.push(call.script);
        return handler(call);
      },
    ]),
  );
}

/** As `pipeline/preview-policy.ts`, in the words of GitHub: what is open, not a fork's, and not a draft or a bot's without the label. */
export function isWanted(pull: Pull, repository: Repository): boolean {
  if (pull.state !== 'open' || repository.pulls.isFromFork(pull)) return false;
  const labelled = pull.labels.includes('fairlead:preview');
  return labelled || (!pull.draft && !pull.user.endsWith('[bot]'));
}

let loaded: { kit: Files; templates: Files } | undefined;

export async function scenario(options: ScenarioOptions = {}): Promise<Scenario> {
  loaded ??= { kit: readKit(), templates: onAws(readTemplates()) };
  const kitFiles = options.kit?.(loaded.kit) ?? loaded.kit;
  const templates = options.templates?.(loaded.templates) ?? loaded.templates;
  const file = '.github/workflows/preview.yml';
  const preview = await readWorkflow(file, loaded.templates[file]!);
  const { kit: _kit, templates: _templates, ...rest } = options;
  return new Scenario({ kit: kitFiles, templates, preview }, rest);
}

/** The role that each template is given, which is named after the environment. */
const roles: Record<string, string> = {
  preview: 'preview',
  cleanup: 'preview',
  production: 'production',
  rollback: 'production',
  'fork-preview': 'preview-fork',
};

/** The templates as someone sets them up whose environments are in a cloud. */
function onAws(files: Files): Files {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => [
      path,
      text
        .replace(
          /^( +)target: local$/m,
          `$1target: aws\n$1region: eu-central-1\n$1role: arn:aws:iam::1:role/fairlead-${roles[path.replace(/^.*\/|\.yml$/g, '')]}`,
        )
        .replace(/^ +(deploy-)?runs-on: .*\n/m, ''),
    ]),
  );
}
