export { type Codec, DecodeError, decodeOwn } from './codec.ts';
export { codecFor, type Schemas } from './compile.ts';
export { type Field, type MessageCodec, messageCodec } from './message.ts';
export { parseJson } from './parse-json.ts';
export { TextError } from './text.ts';
export { encodeJson, writeJson } from './write-json.ts';
