// What aws-actions/configure-aws-credentials does with a role and no keys: the identity of the job for credentials of the role.
import { appendFileSync } from 'node:fs';
import { STS } from '@aws-sdk/client-sts';

const {
  ROLE = '',
  REGION = '',
  AWS_ENDPOINT_URL = '',
  ACTIONS_ID_TOKEN_REQUEST_URL = '',
  ACTIONS_ID_TOKEN_REQUEST_TOKEN,
  GITHUB_ENV = '',
} = process.env;
const answer = await fetch(`${ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.amazonaws.com`, {
  headers: { authorization: `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}` },
});
if (!answer.ok) throw new Error(`GitHub gives the job no identity: ${answer.status} ${await answer.text()}`);
const { value } = (await answer.json()) as { value: string };
const { Credentials } = await new STS({ region: REGION, endpoint: AWS_ENDPOINT_URL }).assumeRoleWithWebIdentity({
  ...{ RoleArn: ROLE, RoleSessionName: 'GitHubActions', WebIdentityToken: value },
});
const variables = {
  AWS_REGION: REGION,
  AWS_DEFAULT_REGION: REGION,
  AWS_ACCESS_KEY_ID: Credentials?.AccessKeyId,
  AWS_SECRET_ACCESS_KEY: Credentials?.SecretAccessKey,
  AWS_SESSION_TOKEN: Credentials?.SessionToken,
};
for (const secret of [Credentials?.SecretAccessKey, Credentials?.SessionToken]) console.log(`::add-mask::${secret}`);
appendFileSync(
  GITHUB_ENV,
  `${Object.entries(variables)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}`,
);
