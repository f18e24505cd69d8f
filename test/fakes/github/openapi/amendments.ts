import type { Description, Schema } from './description.ts';

/** Where the description is stricter than what GitHub answers. Each has the page that says so. */
const amendments: { schema: string; path: string[]; why: string }[] = [
  // "head.repo" is null when the fork was deleted: the same object is nullable in the payloads of webhooks,
  // https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request
  { schema: 'pull-request', path: ['head', 'repo'], why: 'a deleted fork' },
  { schema: 'pull-request-simple', path: ['head', 'repo'], why: 'a deleted fork' },
  // The description of a label may be null: https://docs.github.com/en/rest/issues/labels#get-a-label
  { schema: 'pull-request-simple', path: ['labels', '*', 'description'], why: 'a label without a description' },
];

export function amend(description: Description): Description {
  for (const { schema, path } of amendments) {
    const last = path.at(-1)!;
    let at: Schema = description.schemas[schema];
    for (const step of path.slice(0, -1)) at = step === '*' ? at.items : at.properties[step];
    at.properties[last] = { anyOf: [{ type: 'null' }, at.properties[last]] };
  }
  return description;
}
