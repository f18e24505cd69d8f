import { expect, test } from '@jest/globals';
import { everyMethod } from '../../analyzer/messages.ts';
import { methodsText } from '../../cli/methods.ts';

test('* stands for all methods but CONNECT, as in the analyzer', () => {
  expect(methodsText(everyMethod.filter((method) => method !== 'CONNECT'))).toBe('*');
  expect(methodsText(everyMethod)).toBe(everyMethod.join(' '));
  expect(methodsText(['GET', 'HEAD'])).toBe('GET HEAD');
});
