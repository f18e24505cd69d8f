import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where GitHub looks for workflows. */
export const workflowDirectory = '.github/workflows';

/** Path in the repository → text, in the order of their names. A link is not followed: GitHub does not either. */
export function readWorkflowFiles(root: string): Record<string, string> {
  const place = join(root, workflowDirectory);
  return Object.fromEntries(
    namesIn(place).map((name) => [`${workflowDirectory}/${name}`, readFileSync(join(place, name), 'utf8')]),
  );
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
      .map(({ name }) => name)
      .sort();
  } catch {
    // No directory is no workflow.
    return [];
  }
}
