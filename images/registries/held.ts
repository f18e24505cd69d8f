/** Something that is good for a while and takes a request to get. */
export interface Perishable<T> {
  value: T;
  /** Milliseconds since 1970. */
  expires: number;
}

/** It is not used in the last seconds of its life, and whoever asks again after this time was refused with it. Milliseconds. */
const [margin, fresh] = [60_000, 30_000];

/** Asks once for all who want it at the same time, and again when it is about to expire or was refused. */
export function held<T>(ask: () => Promise<Perishable<T>>, now: () => number): () => Promise<T> {
  let last: { asked: number; answer: Promise<Perishable<T>> } | undefined;
  return async () => {
    const before = last;
    const kept = before && now() - before.asked < fresh && (await before.answer.catch(() => undefined));
    if (kept && kept.expires - margin > now()) return kept.value;
    if (last === before) last = { asked: now(), answer: ask() };
    return (await last!.answer).value;
  };
}
