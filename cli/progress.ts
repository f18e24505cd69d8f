import { duration } from '../pipeline/duration.ts';
import type { Reporter } from '../pipeline/mod.ts';
import { forLog } from './for-log.ts';
import type { Interruption } from './interruption.ts';
import { paintError } from './paint.ts';

/** One way to show progress on standard error. */
export interface Display {
  started(title: string): void;
  /** Called about once a second while a step runs. */
  running(title: string, milliseconds: number): void;
  ended(title: string, milliseconds: number, failed: boolean): void;
  message(level: 'info' | 'warning', text: string): void;
}

/** Reports steps to a display. A step begins only where the work may stop, and an interruption takes effect there. */
export function createReporter(display: Display, interruption: Interruption, now = () => performance.now()): Reporter {
  const announce = () =>
    display.message(
      'warning',
      'Stopping when this step is done; once more stops at once. Running the command again continues.',
    );
  return {
    async step(title, work) {
      interruption.checkpoint(() =>
        display.message('info', `Stopped before: ${title}. Running the command again continues.`),
      );
      const begin = now();
      display.started(title);
      const pulse = setInterval(() => display.running(title, now() - begin), 1000);
      let failed = true;
      try {
        const result = await interruption.busy(work, announce);
        failed = false;
        return result;
      } finally {
        clearInterval(pulse);
        display.ended(title, now() - begin, failed);
      }
    },
    info: (message) => display.message('info', message),
    warn: (message) => display.message('warning', message),
  };
}

/** Chooses the display: events with `--json`, warnings alone with `--quiet`, a spinner on a terminal, else lines. */
export async function chooseDisplay(options: { json: boolean; quiet: boolean }): Promise<Display> {
  const write = (line: string) => process.stderr.write(`${forLog(line)}\n`);
  if (options.json) return jsonDisplay(write);
  if (options.quiet) return quietDisplay(write);
  const interactive = process.stderr.isTTY && process.env.TERM !== 'dumb' && !process.env.CI;
  return interactive ? spinnerDisplay() : lineDisplay(write);
}

/** One JSON object per line: `{"event":"step",…}` and `{"event":"message",…}`. */
export function jsonDisplay(write: (line: string) => void): Display {
  const event = (value: object) => write(JSON.stringify(value));
  return {
    started: (title) => event({ event: 'step', title, status: 'started' }),
    running: () => {},
    ended: (title, milliseconds, failed) =>
      event({ event: 'step', title, status: failed ? 'failed' : 'done', milliseconds: Math.round(milliseconds) }),
    message: (level, text) => event({ event: 'message', level, text }),
  };
}

/** A line when a step ends, and a sign of life every ten seconds until then. */
export function lineDisplay(write: (line: string) => void): Display {
  return {
    started: () => {},
    running: (title, milliseconds) => {
      const seconds = Math.round(milliseconds / 1000);
      if (seconds === 1 || seconds % 10 === 0) write(`… ${title} (${seconds} s)`);
    },
    ended: (title, milliseconds, failed) => write(endOf(title, milliseconds, failed)),
    message: (level, text) => write(messageOf(level, text)),
  };
}

function quietDisplay(write: (line: string) => void): Display {
  return {
    started: () => {},
    running: () => {},
    ended: () => {},
    message: (level, text) => {
      if (level === 'warning') write(messageOf(level, text));
    },
  };
}

async function spinnerDisplay(): Promise<Display> {
  const { default: ora } = await import('ora');
  // With `discardStdin` it would take Ctrl-C away from us.
  const spinner = ora({ stream: process.stderr, discardStdin: false });
  const active: string[] = [];
  const persist = (line: string) => {
    spinner.stop();
    process.stderr.write(`${line}\n`);
    const current = active.at(-1);
    if (current !== undefined) spinner.start(current);
  };
  return {
    started: (title) => {
      active.push(title);
      spinner.start(title);
    },
    running: (title, milliseconds) => {
      if (title === active.at(-1)) spinner.text = `${title} (${Math.round(milliseconds / 1000)} s)`;
    },
    ended: (title, milliseconds, failed) => {
      active.splice(active.lastIndexOf(title), 1);
      persist(endOf(title, milliseconds, failed));
    },
    message: (level, text) => persist(messageOf(level, text)),
  };
}

function endOf(title: string, milliseconds: number, failed: boolean): string {
  const mark = failed ? paintError('red', '✖') : paintError('green', '✔');
  return `${mark} ${title} ${paintError('dim', `(${duration(milliseconds)})`)}`;
}

function messageOf(level: 'info' | 'warning', text: string): string {
  return level === 'warning' ? `${paintError('yellow', 'warning:')} ${text}` : text;
}
