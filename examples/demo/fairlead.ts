import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const bin = fileURLToPath(new URL('../../cli/bin.js', import.meta.url));

export interface Run {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** An environment as `fairlead status --json` describes it, as far as it matters here. */
export interface Status {
  environment: { name: string };
  url?: string;
  release?: string;
  source?: { commit?: string };
  processes: { name: string; port?: number }[];
}

/** The real command line as a child process, always in one directory and with one state directory. */
export class Fairlead {
  private readonly directory: string;
  private readonly stateDirectory: string;
  private readonly env: Record<string, string>;
  private readonly signal: AbortSignal | undefined;

  /** An abort ends the command that runs, as Ctrl-C does. */
  constructor(
    directory: string,
    stateDirectory: string,
    { env = {}, signal }: { env?: Record<string, string>; signal?: AbortSignal | undefined } = {},
  ) {
    this.directory = directory;
    this.stateDirectory = stateDirectory;
    this.env = env;
    this.signal = signal;
  }

  /** Runs a command to its end, whatever that is. */
  run(args: string[], input = ''): Promise<Run> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [bin, ...args], {
        cwd: this.directory,
        env: {
          ...process.env,
          ...this.env,
          FAIRLEAD_STATE_DIR: this.stateDirectory,
          FAIRLEAD_CACHE_DIR: join(this.stateDirectory, 'cache'),
          NO_COLOR: '1',
          FORCE_COLOR: '0',
        },
      });
      const stop = () => child.kill('SIGTERM');
      this.signal?.addEventListener('abort', stop);
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      child.on('error', reject);
      child.on('close', (code) => {
        this.signal?.removeEventListener('abort', stop);
        resolve({ exitCode: code ?? 1, stdout, stderr });
      });
      child.stdin.end(input);
    });
  }

  /** Runs a command that must succeed. */
  async succeed(args: string[], input?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args, input);
    if (exitCode === 0) return stdout;
    throw new Error(`fairlead ${args.join(' ')} ended with ${exitCode}:\n${stderr}${stdout}`);
  }

  /** Runs a command that must succeed and returns the document it prints. */
  async json<Document>(args: string[]): Promise<Document> {
    return JSON.parse(await this.succeed([...args, '--json'])) as Document;
  }

  async environments(): Promise<Status[]> {
    return (await this.json<{ environments: Status[] }>(['status'])).environments;
  }

  /** @throws Error when there is none of that name */
  async environment(name: string): Promise<Status> {
    const found = (await this.environments()).find(({ environment }) => environment.name === name);
    if (!found) throw new Error(`there is no environment ${name}`);
    return found;
  }
}
