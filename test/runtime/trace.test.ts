import { expect, test } from '@jest/globals';
import { startSpan, traceparent } from '../../runtime/trace.ts';

const parent = (flags: string) => `00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-${flags}`;
const flagsOf = (text: string | undefined, trusted: boolean) =>
  traceparent(startSpan(text, 'server', trusted)).split('-')[3];

test('what processes of the application have decided of a trace is passed on, and not what somebody outside says', () => {
  expect(['01', '00'].map((flags) => flagsOf(parent(flags), true))).toEqual(['01', '00']);
  expect(['01', '00'].map((flags) => flagsOf(parent(flags), false))).toEqual(['00', '00']);
  expect([true, false].map((trusted) => flagsOf(undefined, trusted))).toEqual(['00', '00']);
});

test('the trace itself goes on, whoever began it', () => {
  for (const trusted of [true, false])
    expect(startSpan(parent('01'), 'server', trusted)).toMatchObject({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      parentSpanId: 'b7ad6b7169203331',
    });
});
