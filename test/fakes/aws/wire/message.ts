import type { AwsError } from '../model.ts';
import type { Api, OperationShape } from './apis.ts';

/** An HTTP request, whole. */
export interface WireRequest {
  method: string;
  /** As it came, still encoded: S3 tells `a%2Fb` from `a/b`. */
  path: string;
  query: URLSearchParams;
  /** In lower case. */
  headers: Record<string, string>;
  /** As it came. */
  raw: Buffer;
  /** Without the frames of `aws-chunked`. */
  body: Buffer;
  /** How the content is encoded but for those frames. */
  contentEncoding?: string;
}

export interface WireResponse {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** What is asked for; the shape is missing when the API has no such operation. */
export interface Asked {
  name: string;
  shape?: OperationShape;
}

/** How the requests of an API are read, and its answers written. Inputs and outputs have the shapes of the SDK's commands. */
export interface Protocol {
  operation(api: Api, request: WireRequest): Asked;
  read(api: Api, shape: OperationShape, request: WireRequest): Promise<Record<string, unknown>>;
  write(api: Api, shape: OperationShape, output: Record<string, unknown>, requestId: string): WireResponse;
  writeError(api: Api | undefined, error: AwsError, requestId: string): WireResponse;
}
