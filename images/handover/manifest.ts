import type { Digest } from '../../pipeline/mod.ts';
import { isDigest } from '../oci/repository/name.ts';

/** What `handover.json` says: by its digest, all that is handed over is known. */
export interface HandoverManifest {
  version: 1;
  application: string;
  release: Digest;
  /** Of `fairlead.json`. Absent: there is none. */
  config?: Digest;
}

export const files = { manifest: 'handover.json', config: 'fairlead.json', layout: 'oci' } as const;

/** A manifest or a configuration of more bytes is not read. */
export const fileLimit = 1024 * 1024;

export function renderManifest({ version, application, release, config }: HandoverManifest): string {
  return `${JSON.stringify({ version, application, release, ...(config && { config }) }, null, 2)}\n`;
}

/** Undefined when it is not what `renderManifest` writes. */
export function parseManifest(text: string): HandoverManifest | undefined {
  const value = tryParse(text) as Partial<Record<keyof HandoverManifest, unknown>> | null | undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const { version, application, release, config } = value;
  if (version !== 1 || typeof application !== 'string' || !isText(release)) return undefined;
  if (config !== undefined && !isText(config)) return undefined;
  return { version, application, release, ...(config && { config }) };
}

function isText(value: unknown): value is Digest {
  return typeof value === 'string' && isDigest(value);
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
