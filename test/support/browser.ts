import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A Chromium on this machine; undefined when there is none. */
export const chromium = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
  .flatMap((name) => (process.env.PATH ?? '').split(':').map((path) => join(path, name)))
  .find((path) => existsSync(path));

export interface Page {
  /** The value of an expression in the page, as JSON carries it. @throws Error when it throws */
  evaluate(expression: string): Promise<unknown>;
  /** All of the page in a window of that width, as PNG. */
  screenshot(width: number): Promise<Buffer>;
  /** What the page has complained about: errors, and what its policy refused. */
  complaints: string[];
  close(): Promise<void>;
}

/** Opens a file in a browser without a window. */
export async function openPage(browser: string, file: string): Promise<Page> {
  const profile = mkdtempSync(join(tmpdir(), 'fairlead-browser-'));
  const child = spawn(
    browser,
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-lcd-text',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const server = new URL(await endpointOf(child));
  const targets = (await (await fetch(`http://${server.host}/json`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const { send, complaints, socket } = await connect(targets.find(({ type }) => type === 'page')!.webSocketDebuggerUrl);
  await send('Runtime.enable');
  await send('Log.enable');
  await send('Page.enable');
  await send('Page.navigate', { url: `file://${file}` });
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = await send('Runtime.evaluate', {
      expression,
      returnByValue: true,
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value as unknown;
  };
  while ((await evaluate('document.readyState + location.protocol')) !== 'completefile:');
  return {
    evaluate,
    complaints,
    async screenshot(width) {
      const resize = (height: number) =>
        send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
      await resize(100);
      await resize(Number(await evaluate('Math.ceil(document.body.getBoundingClientRect().height)')));
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      return Buffer.from(data, 'base64');
    },
    async close() {
      socket.close();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
    },
  };
}

function endpointOf(child: ChildProcess): Promise<string> {
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error(`The browser ended: ${text}`)));
    child.stderr!.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      const found = /listening on (ws:\S+)/.exec(text);
      if (found) resolve(found[1]!);
    });
  });
}

// biome-ignore lint/suspicious/noExplicitAny: the protocol has a shape per method
type Answer = any;

async function connect(url: string) {
  const socket = new WebSocket(url);
  const pending = new Map<number, (answer: Answer) => void>();
  const complaints: string[] = [];
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result, method, params } = JSON.parse(String(data)) as Answer;
    if (method === 'Runtime.exceptionThrown')
      complaints.push(params.exceptionDetails.exception?.description ?? 'error');
    if (method === 'Log.entryAdded') complaints.push(params.entry.text);
    pending.get(id)?.(result);
    pending.delete(id);
  });
  await new Promise((resolve) => socket.addEventListener('open', resolve, { once: true }));
  const send = (method: string, params: object = {}): Promise<Answer> =>
    new Promise((resolve) => {
      last += 1;
      pending.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method, params }));
    });
  return { send, complaints, socket };
}
