import { tooDeepToWrite, unlessTooDeep } from './codec.ts';

/** As `JSON.stringify`, of what a codec has encoded. @throws Error for what is nested too deeply */
export function writeJson(encoded: unknown): string {
  try {
    return JSON.stringify(encoded);
  } catch (error) {
    throw unlessTooDeep(error, tooDeepToWrite);
  }
}
