import type { ByteStream, CallOptions, Content, ImageSource } from '../oci/repository/mod.ts';
import { isRefusal } from './errors.ts';
import { type HostOptions, openHost } from './host.ts';

/** A registry that images are read from. */
interface Source {
  repository(name: string): ImageSource;
  close(): Promise<void>;
}

/** Registries that images are read from, each opened once. */
export interface Sources {
  open(host: string): Promise<Source>;
  close(): Promise<void>;
}

/** With the same credentials as what is pushed to. Much of what is read is public, and asks for none. */
export function openSources(options: Omit<HostOptions, 'cloud'>): Sources {
  const opened = new Map<string, Promise<Source>>();
  return {
    open(host) {
      const source = opened.get(host) ?? openSource(host, options);
      opened.set(host, source);
      return source;
    },
    async close() {
      // One that could not be opened has said so to whoever asked for it.
      for (const source of await Promise.allSettled(opened.values()))
        if (source.status === 'fulfilled') await source.value.close();
    },
  };
}

async function openSource(host: string, options: HostOptions): Promise<Source> {
  const { kind, registry, close } = await openHost(host, options);
  if (kind !== 'artifact-registry') return { repository: (name) => registry.repository(name), close };
  const plain = await openHost(host, { ...options, cloud: false });
  return {
    repository: (name) => inTurn(plain.registry.repository(name), registry.repository(name)),
    close: async () => void (await Promise.all([plain.close(), close()])),
  };
}

/**
 * Reads with docker's sign-in or as nobody, and only where that is refused as the cloud knows the user: to look for its
 * credentials takes seconds where there are none, and such as have expired are no reason to miss what everybody may read.
 */
function inTurn(plain: ImageSource, signedIn: ImageSource): ImageSource {
  let refused = false;
  const { place, registry, name } = plain;
  return {
    ...{ place, registry, name },
    async manifest(reference, options) {
      if (refused) return signedIn.manifest(reference, options);
      try {
        return await plain.manifest(reference, options);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        refused = true;
        return signedIn.manifest(reference, options);
      }
    },
    async *readBlob(content: Content, options?: CallOptions): ByteStream {
      if (refused) return yield* signedIn.readBlob(content, options);
      let begun = false;
      try {
        for await (const chunk of plain.readBlob(content, options)) {
          begun = true;
          yield chunk;
        }
        return;
      } catch (error) {
        if (begun || !isRefusal(error)) throw error;
        refused = true;
      }
      yield* signedIn.readBlob(content, options);
    },
  };
}
