import { STS } from '@aws-sdk/client-sts';
import { expect, test } from '@jest/globals';
import { translated } from '../../cdk/errors.ts';
import { openAwsImages } from '../../cdk/mod.ts';

const nobody = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
};

test('a host that is not reached is told from an answer of AWS', async () => {
  const sts = new STS({
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
  });
  const error = await sts.getCallerIdentity({}).catch((thrown: unknown) => thrown);
  sts.destroy();
  expect(error).toHaveProperty('$metadata');
  expect(translated(error)).toMatchObject({ diagnostics: [{ code: 'FL7107' }] });
});

test('images without credentials are an error of the user, not of Fairlead', async () => {
  const images = openAwsImages({ env: nobody, region: 'eu-central-1', provisioner: () => Promise.reject(new Error()) });
  try {
    await expect(images.of('shop')).rejects.toMatchObject({ diagnostics: [{ code: 'FL7101' }] });
  } finally {
    await images.close();
  }
});
