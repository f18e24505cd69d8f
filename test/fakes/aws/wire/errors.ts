import type { AwsError } from '../model.ts';
import type { Api } from './apis.ts';

export interface ToldError {
  /** The name of its shape. */
  name: string;
  /** What the query protocol calls it. */
  code: string;
  status: number;
  message: string;
  /** Whose fault it is. */
  type: 'Sender' | 'Receiver';
}

/** Under both of its names, whichever the service used, and with the status that its API publishes. */
export function tellError(api: Api | undefined, { code, message, status }: AwsError): ToldError {
  const shape = api?.errors.get(code);
  const published = status === 400 ? (shape?.status ?? status) : status;
  return {
    name: shape?.name ?? code,
    code: shape?.queryCode ?? code,
    status: published,
    message,
    type: published < 500 ? 'Sender' : 'Receiver',
  };
}
