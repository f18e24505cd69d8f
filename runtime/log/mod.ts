import { type Fields, type Level, Logger, LogLevel } from './logger.ts';

export { type Fields, type Level, Logger, LogLevel };

/** The logger of the application: one line of JSON per call, with the request that is being worked on. */
const log: Logger = new Logger();
// biome-ignore lint/style/noDefaultExport: applications import the logger as the default export
export default log;

/** `log.trace` */
export function trace(msg: string, fields?: Fields): void {
  log.trace(msg, fields);
}

/** `log.debug` */
export function debug(msg: string, fields?: Fields): void {
  log.debug(msg, fields);
}

/** `log.info` */
export function info(msg: string, fields?: Fields): void {
  log.info(msg, fields);
}

/** `log.warn` */
export function warn(msg: string, fields?: Fields): void;
export function warn(err: Error | unknown, fields?: Fields): void;
export function warn(err: Error | unknown, msg: string, fields?: Fields): void;
export function warn(first: unknown, second?: unknown, third?: Fields): void {
  log.warn(first, second as string, third);
}

/** `log.error` */
export function error(msg: string, fields?: Fields): void;
export function error(err: Error | unknown, fields?: Fields): void;
export function error(err: Error | unknown, msg: string, fields?: Fields): void;
export function error(first: unknown, second?: unknown, third?: Fields): void {
  log.error(first, second as string, third);
}
