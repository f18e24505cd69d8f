import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { analyze } from '../analyzer/analyze.ts';
import { checkOut } from '../github/checkout.ts';
import { type Graph, UserError } from '../pipeline/mod.ts';

/**
 * The Graph of an application in another commit of its repository; undefined when it was not there, or broken, or git does not have
 * the commit.
 * @param root the application's directory, absolute
 */
export async function graphAt(commit: string, root: string, temp: string): Promise<Graph | undefined> {
  mkdirSync(temp, { recursive: true });
  try {
    const checkout = await checkOut(root, commit, mkdtempSync(join(temp, 'checkout-')));
    try {
      return (await analyze({ root: checkout.directory })).graph;
    } finally {
      checkout.remove();
    }
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}
