export { type Codec, DecodeError } from './codec.ts';
export { codecFor, type Schemas } from './compile.ts';
export { type Field, type MessageCodec, messageCodec } from './message.ts';
export { parseJson } from './parse-json.ts';
export { arraySchema, fromText, fromTexts, TextError } from './text.ts';
export { writeJson } from './write-json.ts';
