import type { Environment } from '../environment.ts';

/** What brings a release up once its cause is mended: the sources of `local` are followed, others are deployed. */
export function onceMended({ type }: Environment): string {
  return type === 'local' ? 'save a file, which fairlead run waits for' : 'deploy again';
}
