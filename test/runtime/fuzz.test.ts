import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codecFor, DecodeError } from '../../runtime/codec/mod.ts';
import { change, type Drawn, drawFrom, drawSchemas, drawValue } from './support/codec-cases.ts';
import { describe as described, type Judge, judgeOf } from './support/codec-judge.ts';

/** How many values are tried by each schema. */
const perSchema = 10;

/** `FAIRLEAD_FUZZ=100000 jest test/runtime/fuzz` tries as many; `FAIRLEAD_FUZZ_SEED` tries others. */
const { FAIRLEAD_FUZZ: cases = '1000', FAIRLEAD_FUZZ_SEED: seed = '20260719' } = process.env;
const options = { numRuns: Math.ceil(Number(cases) / perSchema), seed: Number(seed), endOnFailure: true };

test(`the codec takes and makes of JSON what a validator of JSON Schema says, ${cases} times`, () => {
  let accepted = 0;
  const numbers = fc.array(fc.nat(999_999), { minLength: 400, maxLength: 1200, size: 'max' });
  const property = fc.property(numbers, (drawnBefore) => {
    const draw = drawFrom(drawnBefore);
    const drawn = drawSchemas(draw);
    using judge = judgeOf(drawn);
    for (let count = 0; count < perSchema; count++) {
      const fitting = drawValue(draw, drawn.schema, drawn.schemas);
      const value = count % 2 === 0 ? fitting : change(draw, fitting);
      accepted += compare(drawn, judge, value);
    }
  });
  fc.assert(property, options);
  // What is all refused, or all taken, has not been compared.
  expect(accepted / Number(cases)).toBeGreaterThan(0.2);
  expect(accepted / Number(cases)).toBeLessThan(0.8);
});

/** @returns 1 for a value that is taken, else 0. @throws Error with the case when the two differ */
function compare({ schema, schemas }: Drawn, judge: Judge, value: unknown): number {
  const codec = codecFor(schema, schemas);
  const about = () => JSON.stringify({ schema, schemas, value }, (_, part) => (part === Infinity ? 'Infinity' : part));
  const before = JSON.stringify(value);
  let decoded: unknown;
  try {
    decoded = codec.decode(value, '');
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    if (judge.accepts(value)) throw new Error(`refused, ${error.message}: ${about()}`);
    return 0;
  }
  if (!judge.accepts(value)) throw new Error(`taken: ${about()}`);
  if (JSON.stringify(value) !== before) throw new Error(`changed the JSON it was given: ${about()}`);
  const [is, wanted] = [text(decoded), text(judge.decode(value))];
  if (is !== wanted) throw new Error(`decoded to ${is}, not to ${wanted}: ${about()}`);
  // Of members that take one field for several types one can win.
  if (/anyOf.*x-type|x-type.*anyOf/.test(about())) return 1;
  const again = codec.decode(JSON.parse(JSON.stringify(codec.encode(decoded))), '');
  const round = text(again);
  if (round !== is) throw new Error(`came back as ${round}, sent as ${is}: ${about()}`);
  return 1;
}

function text(value: unknown): string {
  return JSON.stringify(described(value)) ?? '';
}
