import { existsSync, realpathSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createManifest } from '../images/bundle/manifest.ts';
import type { Infrastructure } from '../local/mod.ts';
import { type Graph, processesOf } from '../pipeline/mod.ts';
import type { Attachment, InfraConfig } from '../runtime/wire.ts';

export interface AttachRequest {
  /** The application's directory. */
  root: string;
  graph: Graph;
  infrastructure: Infrastructure;
  /** Where the files go that the program reads. */
  workDirectory: string;
  /** Of the configuration, what is to be different from the environment's. @default nothing */
  config?: Partial<InfraConfig>;
  /** As of {@link Attachment}. @default false */
  test?: boolean;
}

/** The Node that is installed with the kit, and nothing else. */
const kitNode = fileURLToPath(new URL('../node_modules/node/bin', import.meta.url));

/** Loaded before the program, in every process of Node that it starts. */
const hooks = new URL('../runtime/dist/attach/register.js', import.meta.url).href;

/** Without it jest loads no ES modules, which the runtime is made of: not for tests that are compiled to CommonJS either. */
const modulesInContexts = '--experimental-vm-modules';

/**
 * The environment variables of a program that works with an application's infrastructure: where the configuration is, what the
 * application consists of, and how its imports are resolved.
 */
export function attach(request: AttachRequest): Record<string, string | undefined> {
  const { graph, infrastructure, workDirectory, config = {}, test = false } = request;
  const root = realpathSync(request.root);
  const [process_] = processesOf(graph, 'all-in-one');
  if (!process_) throw new Error(`${graph.application} has no process`);
  const write = (name: string, content: object) => {
    const path = join(workDirectory, name);
    writeFileSync(path, JSON.stringify(content, null, 2), { mode: 0o600 });
    return path;
  };
  const attachment: Attachment = { version: 1, root, manifest: createManifest(graph, process_), ...(test && { test }) };
  const { PATH = '', NODE_OPTIONS = '' } = process.env;
  return {
    ...process.env,
    ...infrastructure.env,
    ENCORE_INFRA_CONFIG_PATH: write('infra.config.json', { ...infrastructure.config, ...config }),
    FAIRLEAD_INFRA_CONFIG: undefined,
    FAIRLEAD_ATTACHED: write('application.json', attachment),
    PATH: [join(root, 'node_modules', '.bin'), ...ownNode(), PATH].filter(Boolean).join(delimiter),
    NODE_OPTIONS: [NODE_OPTIONS, `--import=${hooks}`, ...(test ? [modulesInContexts] : [])].join(' ').trim(),
  };
}

/** Where the command was started on an older Node and runs on the kit's own, so does the program: the hooks need it as well. */
function ownNode(): string[] {
  return existsSync(kitNode) && dirname(process.execPath) === realpathSync(kitNode) ? [kitNode] : [];
}
