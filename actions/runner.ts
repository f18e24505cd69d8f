import type { Log } from 'sarif';
import type { Api } from '../github/api.ts';
import type {
  Clock,
  Config,
  Diagnostic,
  Digest,
  Forge,
  Graph,
  Phase,
  Ports,
  Release,
  Reporter,
  Target,
} from '../pipeline/mod.ts';
import type { Need } from './setup/needs.ts';

/** Everything a leaf touches the world through. */
export interface Runner {
  readonly event: Event;
  readonly run: Run;
  /** The variables of the step, without its inputs. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly api: Api;
  readonly artifacts: Artifacts;
  readonly checkout: Checkout;
  readonly handovers: Handovers;
  readonly kit: Kit;
  readonly clock: Clock;
  readonly report: Reporter;
  /** What was done so far, and how long it took. @default not known */
  phases?(): readonly Phase[];
  /** Pull requests and deployments of the repository. */
  forge(): Promise<Forge>;
  /** A target alone, to see what exists. @throws UserError as `open` */
  target(place: Place): Promise<Target>;
  /** Opens what environments are put up with. @throws UserError FL4018 for a target that there is not, FL6030 without a permission that it needs */
  open(opening: Opening): Promise<Ports>;
  /** Shows diagnostics where the code is. Positions are relative to the application's directory, which is relative to the workspace. */
  annotate(diagnostics: readonly Diagnostic[], directory: string): void;
}

/** What woke the workflow. */
export interface Event {
  /** `pull_request`, `push`, `workflow_dispatch`, … */
  name: string;
  /** As GitHub sent it; only the event's own workflow can know what is in it. */
  payload: Readonly<Record<string, unknown>>;
}

/** The run of a workflow that this is a step of. */
export interface Run {
  repository: { owner: string; name: string; id: number };
  id: number;
  attempt: number;
  /** The commit that the workflow runs for; of a pull request its merge commit. */
  sha: string;
  ref: string;
  /** Who caused it, such as `dependabot[bot]`. */
  actor: string;
  /** The file in the repository whose workflow this is, such as `.github/workflows/preview.yml`. */
  workflow: string;
  /** The page of the run. */
  url: string;
  /** Where the repository is checked out, absolute. */
  workspace: string;
  /** A directory that is empty when the job begins and gone when it ends, absolute. */
  temp: string;
}

/** Files that one job leaves for others. Of one name there is one in a run. */
export interface Artifacts {
  /** Keeps all files below a directory; one of the same name is replaced. */
  upload(name: string, directory: string): Promise<{ id: number }>;
  /** Brings them into a directory, which is made. @throws UserError FL6031 when there is none of that name */
  download(name: string, directory: string, from?: ArtifactOrigin): Promise<void>;
}

/** Another run of the same repository, and the digest that GitHub keeps of its artifact. */
export interface ArtifactOrigin {
  run: number;
  id: number;
  digest: string;
}

/** An application in the workspace. */
export interface Application {
  name: string;
  /** Relative to the workspace, with `/`; `.` for the workspace itself. */
  directory: string;
  config: Config;
}

/** The sources in the workspace. Only jobs without credentials have them. */
export interface Checkout {
  /** The application of that directory. @throws UserError FL6023 when there is none, FL6024 when there are several and none is chosen */
  application(directory: string): Promise<Application>;
  /** What is wrong with it, and its Graph when nothing is. */
  analyze(application: Application): Promise<{ graph?: Graph; diagnostics: Diagnostic[] }>;
  /** Diagnostics as a log of SARIF. */
  sarif(application: Application, diagnostics: readonly Diagnostic[]): Promise<Log>;
  /** The Graph of the same application in another commit; undefined when that commit has no application there, or a broken one. */
  analyzeAt(commit: string, application: Application): Promise<Graph | undefined>;
  /** Builds a release for containers, or for this machine, into a handover. Returns what the next job knows the handover by. */
  build(
    application: Application,
    to: { directory: string; target: string },
  ): Promise<{ handover: Digest; release: Release }>;
}

/** What another job has built, after all of it was looked at. */
export interface Handover {
  application: string;
  release: Release;
  config: Config;
}

export interface Handovers {
  /**
   * Opens what was downloaded into a directory.
   * @param digest what the job that built it said; without one something else must vouch for the whole directory
   * @param commit what it was built from, as this job knows it
   * @throws UserError FL6201, FL6202, FL6203
   */
  open(directory: string, expected: { digest?: string; commit?: string }): Promise<Handover>;
}

/** Where environments are. */
export interface Place {
  target: string;
  region?: string | undefined;
}

/** What of the kit is not bundled. */
export interface Kit {
  /** Makes the packages for a need be there. @throws UserError FL6036, FL6037 */
  install(need: Need, options: { cache: boolean }): Promise<'present' | 'restored' | 'installed'>;
}

/** What is to be opened. */
export interface Opening extends Place {
  application: string;
  /** Whose release is put up; without one there is nothing to build. */
  handover?: Handover | undefined;
  /** What fairlead.json says, where nothing is handed over. @default nothing */
  config?: Config | undefined;
  /** Whether what is handed over is of somebody whom nobody vouches for. @default false */
  isolated?: boolean | undefined;
  /** Data stores that may be lost, by the names of their resources. @default none */
  allowDataLoss?: readonly string[] | undefined;
  /** Whether nothing is sent anywhere. @default false */
  looking?: boolean | undefined;
  /** `HOST[/PREFIX]` of the registry that releases are kept in. @default where the target keeps them */
  registry?: string | undefined;
}
