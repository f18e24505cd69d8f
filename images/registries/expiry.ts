/** Days after the push until what was built for a preview goes. */
export const previewDays = 90;

/** What the tags of previews begin with. */
export const previewPrefix = 'pr-';

/** What else tags begin with that stay: `production` is always an environment, and `build` stands for none. */
export function lastingNames(environments: readonly string[] = []): string[] {
  const lasting = environments.filter((name) => !/^pr-\d+$/.test(name));
  return [...new Set(['build', 'production', ...lasting])].sort();
}
