import type { Call, Service } from '../../model.ts';

/** Amazon ECR, beside its API. */
export interface Ecr extends Service {
  /** `127.0.0.1:PORT` of the registry; listens from the first time somebody asks for it. */
  host(): Promise<string>;
  /** Undefined: the image lies in another registry. */
  parse(image: string): ImageReference | undefined;
  arn(call: Pick<Call, 'account' | 'region'>, repository: string): string;
  /** Of a tag or a digest; undefined when there is no such image. */
  digestOf(call: Pick<Call, 'account' | 'region'>, repository: string, reference: string): string | undefined;
  /** As a lifecycle policy would now, all at once: how many images went. */
  expireImages(): number;
}

export interface ImageReference {
  host: string;
  repository: string;
  /** A tag or a digest. */
  reference: string;
}
