import { renderAnnotations } from '../github/annotations.ts';
import { type Api, createApi } from '../github/api.ts';
import { pathIn } from './path-in.ts';
import type { Phases } from './phases.ts';
import { readEvent, readRun, withoutInputs } from './run.ts';
import type { Artifacts, Runner } from './runner.ts';

interface RunnerOptions {
  token: string | undefined;
  phases: Phases;
  print: (line: string) => void;
}

/** The runner of GitHub Actions, as its variables tell it. What a leaf does not use is not loaded. */
export function createRunner(variables: NodeJS.ProcessEnv, { token, phases, print }: RunnerOptions): Runner {
  const env = withoutInputs(variables);
  const run = readRun(env);
  const { report } = phases;
  let api: Api | undefined;
  const world = {
    ...{ env, run, report, clock: { now: () => new Date() } },
    /** Not every leaf has a token. */
    get api() {
      api ??= createApi({ token: token ?? '', baseUrl: env.GITHUB_API_URL || 'https://api.github.com', report });
      return api;
    },
  };
  const artifacts = async (): Promise<Artifacts> => (await import('./artifacts.ts')).createArtifacts(run, token);
  const checkout = async () => (await import('./checkout.ts')).openCheckout(world);
  const opening = () => import('./open.ts');
  return {
    ...{ env, run, report, clock: world.clock },
    get api() {
      return world.api;
    },
    event: readEvent(env),
    phases: () => phases.all,
    artifacts: {
      upload: async (...args) => (await artifacts()).upload(...args),
      download: async (...args) => (await artifacts()).download(...args),
    },
    checkout: {
      application: async (...args) => (await checkout()).application(...args),
      analyze: async (...args) => (await checkout()).analyze(...args),
      sarif: async (...args) => (await checkout()).sarif(...args),
      analyzeAt: async (...args) => (await checkout()).analyzeAt(...args),
      build: async (...args) => (await checkout()).build(...args),
    },
    handovers: {
      open: async (...args) => (await import('./handovers.ts')).handovers.open(...args),
    },
    kit: { install: async (...args) => (await import('./setup/kit.ts')).openKit(world).install(...args) },
    forge: async () => (await opening()).openForge(world),
    target: async (place) => (await opening()).openTarget(place, world),
    open: async (request) => (await opening()).openPorts(request, world),
    annotate: (diagnostics, directory) => {
      for (const line of renderAnnotations(diagnostics, { prefix: directory, pathOf: pathIn(directory) })) print(line);
    },
  };
}
