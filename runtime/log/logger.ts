import type { DestinationStream, Logger as Pino } from 'pino';
import { pino } from 'pino';
import { infra } from '../infra/config.ts';
import { currentRequest } from '../request.ts';

/** From what one wants to see last to what one must see. */
export const LogLevel = { Trace: 1, Debug: 2, Info: 3, Warn: 4, Error: 5 } as const;
/** One of the levels, as its number. */
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

/** One of the levels, as a line has it. */
export type Level = 'trace' | 'debug' | 'info' | 'warn' | 'error';

/** What a line says besides its message. */
export type Fields = Record<string, unknown>;

const names: Record<LogLevel, Level> = { 1: 'trace', 2: 'debug', 3: 'info', 4: 'warn', 5: 'error' };

let root: Pino | undefined;

/** One line of JSON per call on the standard output, with the service, endpoint and trace of the current request. */
export class Logger {
  readonly #fields: Fields;
  readonly #level: LogLevel;

  constructor(fields: Fields = {}, level: LogLevel = LogLevel.Trace) {
    this.#fields = fields;
    this.#level = level;
  }

  /** A logger that adds `fields` to every line. */
  with(fields: Fields): Logger {
    return new Logger({ ...this.#fields, ...fields }, this.#level);
  }

  /** A logger that is silent below `level`. */
  withLevel(level: LogLevel): Logger {
    return new Logger(this.#fields, level);
  }

  /** Every step, for who looks very close. */
  trace(msg: string, fields?: Fields): void {
    this.#write(LogLevel.Trace, msg, fields);
  }

  /** What explains a failure afterwards. Not written unless the environment says so. */
  debug(msg: string, fields?: Fields): void {
    this.#write(LogLevel.Debug, msg, fields);
  }

  /** What happened as it should. The least level that is written by default. */
  info(msg: string, fields?: Fields): void {
    this.#write(LogLevel.Info, msg, fields);
  }

  /** What somebody should look at. An error's message, stack and causes are written. */
  warn(msg: string, fields?: Fields): void;
  warn(err: Error | unknown, fields?: Fields): void;
  warn(err: Error | unknown, msg: string, fields?: Fields): void;
  warn(first: unknown, second?: unknown, third?: Fields): void {
    this.#problem(LogLevel.Warn, first, second, third);
  }

  /** What went wrong. An error's message, stack and causes are written. */
  error(msg: string, fields?: Fields): void;
  error(err: Error | unknown, fields?: Fields): void;
  error(err: Error | unknown, msg: string, fields?: Fields): void;
  error(first: unknown, second?: unknown, third?: Fields): void {
    this.#problem(LogLevel.Error, first, second, third);
  }

  #problem(level: LogLevel, first: unknown, second: unknown, third: Fields | undefined): void {
    const [error, rest] = typeof first === 'string' ? [undefined, [first, second]] : [first, [second, third]];
    const [message, fields] = typeof rest[0] === 'string' ? rest : [undefined, rest[0]];
    this.#write(level, message as string | undefined, fields as Fields | undefined, error);
  }

  #write(level: LogLevel, message: string | undefined, fields?: Fields, error?: unknown): void {
    const name = names[level];
    if (level < this.#level || !isWritten(name)) return;
    root?.[name]({ ...requestFields(), ...this.#fields, ...fields, ...errorFields(error) }, message ?? textOf(error));
  }
}

/** Whether lines of a level are written at all: else what they say need not be gathered. */
export function isWritten(level: Level): boolean {
  root ??= create();
  return root.isLevelEnabled(level);
}

function create(): Pino {
  const destination: DestinationStream = pino.destination({ dest: 1, sync: true });
  return pino(
    {
      level: process.env.ENCORE_NOLOG ? 'silent' : threshold(),
      base: null,
      messageKey: 'message',
      timestamp: () => `,"time":"${now()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
}

let second = Number.NaN;
let upToSecond = '';

/** As `toISOString`, which takes as long as the rest of a line: it is asked once in a second. */
function now(): string {
  const time = Date.now();
  const rest = time % 1000;
  if (time - rest !== second) {
    second = time - rest;
    upToSecond = new Date(second).toISOString().slice(0, -4);
  }
  return `${upToSecond}${String(rest).padStart(3, '0')}Z`;
}

/** The level of `ENCORE_LOG`, else of the configuration; of a list such as `info,db=debug` the one without a name. */
function threshold(): string {
  const wanted = process.env.ENCORE_LOG || configured() || 'info';
  const general = wanted.split(',').find((part) => !part.includes('='));
  const level = general?.trim().toLowerCase() ?? 'info';
  return level in pino.levels.values ? level : 'info';
}

/** What is wrong with the configuration has to be written, too. */
function configured(): string | undefined {
  try {
    return infra().log_config;
  } catch {
    return undefined;
  }
}

function requestFields(): Fields {
  const request = currentRequest();
  if (!request) return {};
  const trace = request.trace && { trace_id: request.trace.traceId, span_id: request.trace.spanId };
  return request.type === 'api-call'
    ? { service: request.api.service, endpoint: request.api.endpoint, ...trace }
    : {
        service: request.service,
        topic: request.topic,
        subscription: request.subscription,
        message_id: request.messageId,
        ...trace,
      };
}

function errorFields(error: unknown): Fields {
  if (error === undefined) return {};
  return error instanceof Error ? { error: error.message, stack: stackOf(error) } : { error: String(error) };
}

/** How many causes of causes a line tells: they may go in a circle. */
const mostCauses = 5;

/** The stack, and those of what caused it, as Node writes them. */
function stackOf(error: Error): string {
  const lines: string[] = [];
  let current: unknown = error;
  for (let depth = 0; current !== undefined && depth <= mostCauses; depth++) {
    const text = current instanceof Error ? (current.stack ?? current.message) : String(current);
    lines.push(depth === 0 ? text : `[cause]: ${text}`);
    current = current instanceof Error ? current.cause : undefined;
  }
  return lines.join('\n');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : error === undefined ? '' : String(error);
}
