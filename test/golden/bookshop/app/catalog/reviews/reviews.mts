import { api } from 'encore.dev/api';

type Verdict = { kind: 'stars'; stars: 1 | 2 | 3 | 4 | 5 } | { kind: 'text'; text: string; replies: Verdict[] };

export const review = api({ path: '/books/:isbn/reviews' }, async (request: { isbn: string; verdict: Verdict }) => {
  return { isbn: request.isbn, at: new Date(), first: [request.verdict] as const };
});
