import { getOctokit } from '@actions/github';
import type { Handover, Opening, Runner } from '../../actions/runner.ts';
import { createGitHubForge } from '../../github/forge.ts';
import { canonicalDigest, type Diagnostic, type Ports, parseConfig, UserError } from '../../pipeline/mod.ts';
import type { FakeGitHub } from '../fakes/github/fake.ts';
import type { Repository } from '../fakes/github/model/repository.ts';
import type { VirtualClock } from '../harness/clock.ts';
import type { Job } from '../harness/job.ts';
import type { Files } from '../harness/model.ts';
import { may } from '../harness/permissions.ts';
import type { StepCall } from '../harness/steps.ts';
import type { Trees } from '../harness/trees.ts';
import { sampleGraph, sampleRelease, service } from '../pipeline/sample-graph.ts';
import { type ArtifactStore, manifestOf, type Stored } from './artifacts.ts';
import type { Cloud } from './cloud.ts';
import type { Condition } from './trust.ts';

export interface World {
  github: FakeGitHub<VirtualClock>;
  repository: Repository;
  trees: Trees;
  cloud: Cloud;
  artifacts: ArtifactStore;
  /** Directories of runners, by job and path. */
  directories: Map<string, Stored>;
  /** Who may assume a role, by its name. */
  policies: Record<string, Condition>;
  /** Jobs that restored a cache, which anyone may have written. */
  restored: Set<Job>;
  /** Whether a handover is compared with what the job that built it said. */
  compares: boolean;
  /** Whether build hooks forge the outputs of their job, too. */
  forges: boolean;
  /** What a build hook of the sources does to what is built; by the commit that is built. */
  hooks: Map<string, (built: Stored) => Stored>;
}

/** What a leaf touches the world through, where everything but the leaf is simulated. */
export function createRunner(call: StepCall, world: World): Runner {
  const { job } = call;
  const { github, repository, cloud, artifacts } = world;
  const { owner, fullName, name, id } = repository;
  const { run } = job;
  const report: Runner['report'] = { step: (_title, work) => work(), info: () => {}, warn: () => {} };
  const api = apiOf(call, world);
  const logUrl = `https://github.com/${fullName}/actions/runs/${run.id}`;
  const touching = { job, point: call.point };
  const forge = () =>
    createGitHubForge({
      ...{ api, owner: owner.login, repo: name, commit: run.event.sha, report, logUrl },
      grantedIn: `the job ${job.path}`,
      pause: () => call.point('pause'),
    });
  const at = (directory: string) => `${job.name}\0${directory}`;
  const open = async ({ handover }: Opening): Promise<Ports> => ({
    target: cloud.target(touching),
    builder: {
      build: async () => (handover ? handover.release : Promise.reject(new Error('nothing was handed over'))),
    },
    registry: cloud.registry(touching),
    forge: forge(),
    lock: cloud.lock,
    clock: github.clock,
    prober: { get: async () => ({ status: 200, body: '' }), wait: () => call.point('wait') },
    report,
  });
  return {
    event: { name: run.event.name, payload: run.event.payload },
    run: {
      repository: { owner: owner.login, name, id },
      ...{ id: run.id, attempt: run.attempt, sha: run.event.sha, ref: run.event.ref, actor: run.event.actor },
      ...{ workflow: run.file, url: logUrl, workspace: '/workspace', temp: '/temp' },
    },
    env: {
      ...call.env,
      // https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
      ...(may(job.permissions, 'id-token', 'write') && { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://token.test' }),
    },
    api,
    kit: {
      async install(_need, { cache }) {
        await call.point('install for the kit');
        if (cache) world.restored.add(job);
        return cache ? 'restored' : 'installed';
      },
    },
    artifacts: {
      async upload(artifact, directory) {
        await call.point('upload');
        return { id: artifacts.upload(run.id, artifact, world.directories.get(at(directory))!) };
      },
      async download(artifact, directory, from) {
        await call.point('download');
        const found = from ? artifacts.byId(from.id) : artifacts.find(run.id, artifact);
        if (!found || (from && found.run !== from.run)) throw absent(artifact);
        if (from && found.digest !== from.digest)
          throw refusal('FL6033', 'it is not what GitHub keeps under its digest');
        world.directories.set(at(directory), structuredClone(found.content));
      },
    },
    checkout: checkoutOf(call, world, at),
    handovers: {
      async open(directory, expected): Promise<Handover> {
        const stored = world.directories.get(at(directory));
        if (!stored) throw refusal('FL6201', 'the handover is not there');
        if (world.compares && expected.digest !== undefined && stored.manifest !== expected.digest)
          throw refusal('FL6202', 'another one');
        if (manifestOf(stored) !== stored.manifest) throw refusal('FL6203', 'it does not fit together');
        const { application, release, config } = stored;
        if (release.content.graph.application !== application) throw refusal('FL6203', 'its release is of another');
        const source = { ...release.source, ...(expected.commit !== undefined && { commit: expected.commit }) };
        return { application, release: { ...release, source }, config };
      },
    },
    clock: github.clock,
    report,
    forge: async () => forge(),
    target: async () => cloud.target(touching),
    open,
    annotate: () => {},
  };
}

/** GitHub's API with what the job has; every request is a touch of the world. */
function apiOf(call: StepCall, { github, trees }: World): Runner['api'] {
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init);
    const { pathname, searchParams } = new URL(request.url);
    await call.point(`${request.method} ${pathname}`);
    // The fake GitHub knows what commits are, not what they hold.
    const path = /^\/repos\/[^/]+\/[^/]+\/contents\/(.+)$/.exec(pathname)?.[1];
    return path === undefined
      ? github.fetch(request)
      : contents(decodeURIComponent(path), searchParams.get('ref')!, trees);
  };
  const token = call.inputs['github-token'] || call.job.token!;
  return getOctokit(token, { baseUrl: 'https://api.github.com', request: { fetch } }, retrying(call));
}

/** As `createApi`, whose timers are real ones: three more tries where GitHub or the way to it fails. */
function retrying({ point }: StepCall): Parameters<typeof getOctokit>[2] {
  return ({ hook }) => {
    hook.wrap('request', async (request, options) => {
      for (let tries = 1; ; tries++) {
        try {
          return await request(options);
        } catch (error) {
          const { status = 500 } = error as { status?: number };
          if (status < 500 || tries > (options.request?.retries ?? 3)) throw error;
          await point('try again');
        }
      }
    });
    return {};
  };
}

/** https://docs.github.com/rest/repos/contents#get-repository-content */
function contents(path: string, ref: string, trees: Trees): Response {
  const text = trees.of(ref)[path];
  if (text === undefined) return Response.json({ message: 'Not Found' }, { status: 404 });
  const content = Buffer.from(text).toString('base64');
  return Response.json({ type: 'file', path, encoding: 'base64', content });
}

function checkoutOf({ job, point }: StepCall, world: World, at: (directory: string) => string): Runner['checkout'] {
  const files = () => workspaceOf(job);
  return {
    async application(directory) {
      await point('find application');
      return { name: nameIn(files(), directory), directory, config: configIn(files(), directory) };
    },
    async analyze(application) {
      await point('analyze');
      return { graph: graphOf(application.name, files()), diagnostics: [] };
    },
    async analyzeAt(commit, application) {
      const { sha } = job.checkouts[0]!;
      const parent = commit === 'HEAD^1' ? world.github.world.commits.get(sha)!.parents[0]! : commit;
      return graphOf(application.name, world.trees.of(parent));
    },
    sarif: () => {
      throw new Error('these workflows upload no SARIF');
    },
    async build({ name, directory, config }, to) {
      await point('build');
      // Build hooks are code of whoever wrote the sources.
      job.untrusted.push('build hooks');
      const { sha } = job.checkouts[0]!;
      if (sourcesOf(files()).includes('broken')) throw refusal('FL1000', 'the sources do not compile');
      const release = sampleRelease(graphOf(name, files()), sha);
      const built = { application: nameIn(files(), directory), release, config };
      const stored = { ...built, manifest: manifestOf(built) };
      const left = world.hooks.get(sha)?.(stored) ?? stored;
      world.directories.set(at(to.directory), left);
      // What runs in the job can also write what its steps say.
      return { handover: world.forges ? left.manifest : stored.manifest, release };
    },
  };
}

function workspaceOf(job: Job): Files {
  const [checkout] = job.checkouts;
  if (!checkout) throw new Error('nothing is checked out');
  return checkout.files;
}

/** A Graph like no other sources'. */
export function graphOf(application: string, files: Files) {
  return sampleGraph({ application, services: [service('orders', { directory: canonicalDigest(sourcesOf(files)) })] });
}

function sourcesOf(files: Files): string {
  return JSON.stringify(
    Object.entries(files)
      .filter(([path]) => path.startsWith('src/'))
      .sort(),
  );
}

function nameIn(files: Files, directory: string): string {
  const text = files[directory === '.' ? 'package.json' : `${directory}/package.json`];
  if (text === undefined) throw refusal('FL6023', `there is no application in ${directory}`);
  return JSON.parse(text).name;
}

function configIn(files: Files, directory: string) {
  return parseConfig(
    files[directory === '.' ? 'fairlead.json' : `${directory}/fairlead.json`] ?? '{}',
    'fairlead.json',
  );
}

function absent(artifact: string): UserError {
  return refusal('FL6031', `this run has no artifact ${artifact}`);
}

function refusal(code: Diagnostic['code'], message: string): UserError {
  return new UserError({ code, severity: 'error', message, help: 'Mend it.' });
}
