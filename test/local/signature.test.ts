import { expect, test } from '@jest/globals';
import { sign } from '../../local/signature.ts';
import { verify } from '../../runtime/http/signature.ts';

const call = { method: 'POST', path: '/__fairlead/cron/daily', body: '' };
const now = new Date('2026-03-01T00:00:00Z');

test('signs as the wire format says', () => {
  expect(sign(call, 'a key', now)).toEqual({
    'x-fairlead-signature':
      'v2 1 1772323200000 internal e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 49ea6ce406cd267a9872b61853f684dc3bbff7dc8caab3dc4293529ed9aef228',
  });
});

test('the runtime takes the signed call for an internal one, and no other', () => {
  const header = sign(call, 'a key', now)['x-fairlead-signature'];
  const keys = (key: string) => [{ type: 'key' as const, id: 1, key }];
  expect(verify(header, call, keys('a key'), now.getTime())).toMatchObject({ origin: 'internal' });
  expect(verify(header, call, keys('another'), now.getTime())).toBeUndefined();
  expect(verify(header, { ...call, path: '/__fairlead/cron/other' }, keys('a key'), now.getTime())).toBeUndefined();
  expect(verify(header, call, keys('a key'), now.getTime() + 61_000)).toBeUndefined();
});
