import { at, type Codec, DecodeError, isObject, never } from './codec.ts';
import { oncePerValue } from './once.ts';

/**
 * Any of several schemas. Objects that fit more than one keep the fields of all that they fit.
 * @param branching whether more than one member may hold other values
 * @param apart whether a value fits no more than one member, unless it is the same in all of them
 */
export function unionCodec(members: Codec[], branching: boolean, apart: boolean): Codec {
  const codec = { ...eachMember(members), ...(apart ? oneOf(members) : { isDecoded: never, isEncoded: never }) };
  if (!branching) return codec;
  return {
    ...codec,
    decode: oncePerValue(codec.decode),
    encode: oncePerValue(codec.encode),
    is: oncePerValue(codec.is),
  };
}

function oneOf(members: Codec[]): Pick<Codec, 'isDecoded' | 'isEncoded'> {
  return {
    isDecoded: (value) => members.some((member) => member.isDecoded(value)),
    isEncoded: (value) => members.some((member) => member.isEncoded(value)),
  };
}

function eachMember(members: Codec[]): Pick<Codec, 'decode' | 'encode' | 'is'> {
  return {
    decode(value, path) {
      const fitting: unknown[] = [];
      const errors: DecodeError[] = [];
      for (const member of members) {
        try {
          fitting.push(member.decode(value, path));
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error;
          errors.push(error);
        }
      }
      if (fitting.length === 0) throw closest(errors, path);
      return merge(fitting);
    },
    encode(value) {
      const fitting = members.filter((member) => member.is(value));
      return merge((fitting.length > 0 ? fitting : members).map((member) => member.encode(value)));
    },
    is: (value) => members.some((member) => member.is(value)),
  };
}

function merge(values: unknown[]): unknown {
  const [first] = values;
  if (values.length === 1 || !values.every(isPlain)) return first;
  return Object.fromEntries(values.flatMap((value) => Object.entries(value as object)));
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype;
}

/** The one member that got past its literals and into the value is the one that was meant. */
function closest(errors: DecodeError[], path: string): DecodeError {
  // Rules joined by `|`: the first one says what is wrong.
  const [first] = errors;
  if (first && errors.every(({ rule }) => rule)) return first;
  const inside = errors.filter((error) => !error.literal && error.path !== path);
  if (inside.length === 1 && inside[0]) return inside[0];
  // All others have another literal in the place that tells them apart: what this one lacks is lacking.
  const [meant, ...more] = errors.filter((error) => !error.literal || error.path === path);
  if (meant && more.length === 0 && !meant.literal) return meant;
  return new DecodeError(
    path,
    `${at(path)}does not match any of the allowed types`,
    errors.every(({ literal }) => literal),
  );
}
