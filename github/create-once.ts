import { isUncertain } from './api-error.ts';

/**
 * Creates something that must not be there twice: when nobody can know whether a try was carried out, it looks before the next
 * one. Three tries.
 * @param create sends the request once
 * @param find what an earlier try has created
 * @param pause waits before the look, which try it was: 1, 2
 */
export async function createOnce<T>(
  create: () => Promise<T>,
  find: () => Promise<T | undefined>,
  pause: (attempt: number) => Promise<void>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create();
    } catch (error) {
      if (!isUncertain(error)) throw error;
      await pause(attempt);
      const found = await find();
      if (found !== undefined) return found;
      if (attempt === 3) throw error;
    }
  }
}
