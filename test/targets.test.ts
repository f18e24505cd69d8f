import { expect, test } from '@jest/globals';
import { loadTarget, type TargetName } from '../targets.ts';

const options = { stateDirectory: '/nowhere/fairlead', images: { unpack: async () => undefined } };

test('loads a target by its name', async () => {
  expect(await loadTarget('local', options)).toMatchObject({ name: 'local' });
});

test('says when there is none of that name', async () => {
  await expect(loadTarget('moon' as TargetName, options)).rejects.toThrow('FL4018: there is no target named moon');
});
