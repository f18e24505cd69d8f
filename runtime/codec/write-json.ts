import { type Codec, holds, tooDeepToWrite, unlessTooDeep } from './codec.ts';

/** A value as JSON text, `null` for none. @throws Error for what is nested too deeply */
export function encodeJson(codec: Codec, value: unknown): string {
  return writeJson((holds(codec.isEncoded, value) ? value : codec.encode(value)) ?? null);
}

/** As `JSON.stringify`, of what a codec has encoded. @throws Error for what is nested too deeply */
export function writeJson(encoded: unknown): string {
  try {
    return JSON.stringify(encoded);
  } catch (error) {
    throw unlessTooDeep(error, tooDeepToWrite);
  }
}
