import { spawn } from 'node:child_process';
import { parseJson } from '../content.ts';
import { repositoryError } from '../errors.ts';
import type { Credential } from './credential.ts';

/** Milliseconds that a helper has, and bytes that it may say. */
const limits = { time: 30_000, output: 1024 * 1024 };

/**
 * Asks `docker-credential-NAME get`, which is told the server on standard input. Undefined when it knows none.
 * @throws UserError FL2210 when it is not there or fails; what it prints may be secret and is not passed on.
 */
export async function askHelper(
  name: string,
  server: string,
  env: Record<string, string | undefined>,
): Promise<Credential | undefined> {
  if (!/^[\w][\w.-]*$/.test(name)) throw failed(JSON.stringify(name), 'it is not the name of a program');
  const program = `docker-credential-${name}`;
  const { status, output } = await run(program, server, env);
  if (status !== 0) {
    if (/credentials not found|no credentials/i.test(output)) return undefined;
    throw failed(program, `it ended with ${status}`);
  }
  const answer = parseJson(Buffer.from(output)) as { Username?: unknown; Secret?: unknown } | undefined;
  if (typeof answer?.Username !== 'string' || typeof answer.Secret !== 'string')
    throw failed(program, 'it does not answer with a user and a secret');
  if (answer.Secret === '') return undefined;
  if (answer.Username === '<token>') return { identityToken: answer.Secret };
  return { username: answer.Username, password: answer.Secret };
}

function run(
  program: string,
  input: string,
  env: Record<string, string | undefined>,
): Promise<{ status: number | string; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, ['get'], { env: env as NodeJS.ProcessEnv, stdio: ['pipe', 'pipe', 'ignore'] });
    // What the helper started itself may hold the pipe, so that its end is not waited for.
    const stop = () => {
      child.kill('SIGKILL');
      child.stdout.destroy();
    };
    const timer = setTimeout(stop, limits.time);
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > limits.output) stop();
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const why = error.code === 'ENOENT' ? 'there is no such program in PATH' : `it cannot be started (${error.code})`;
      reject(failed(program, why));
    });
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      resolve({ status: status ?? signal ?? 'nothing', output });
    });
    // A helper that ends without reading breaks the pipe; its status says more.
    child.stdin.on('error', () => undefined).end(input);
  });
}

function failed(program: string, why: string): Error {
  return repositoryError(
    'FL2210',
    `the credential helper ${program} cannot be used: ${why}`,
    'Install or mend it, or take its name out of config.json and sign in anew with docker login.',
  );
}
