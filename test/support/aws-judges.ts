import { makeFakeAws } from '../fakes/aws/fake.ts';
import { moto, startMoto } from './moto.ts';

/** The interfaces of AWS, as somebody understands them. */
export interface AwsJudge {
  /** `http://127.0.0.1:PORT` */
  endpoint: string;
  /** Variables that make the SDK use it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

/** Those of others where they are there, and our own. */
export const awsJudges: { name: string; absent: boolean; start: () => Promise<AwsJudge> }[] = [
  {
    name: 'moto',
    absent: moto === undefined,
    async start() {
      const { endpoint, stop } = await startMoto(moto!);
      const account = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };
      return { endpoint, env: { ...account, AWS_ENDPOINT_URL: endpoint }, stop };
    },
  },
  {
    name: 'our own AWS',
    absent: false,
    async start() {
      // What waits for its time does so by the wall clock.
      const { url, env, dispose } = await makeFakeAws({ clock: { factor: 1 } });
      return { endpoint: url, env, stop: dispose };
    },
  },
];
