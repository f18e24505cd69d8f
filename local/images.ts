import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Digest, Environment, Plan } from '../pipeline/mod.ts';
import { makeDirectory, type State } from './state.ts';

/** Where images come from. */
export interface ImageSource {
  /**
   * Writes the files of an application's image, those under its working directory, into a directory that exists and is empty.
   * @throws UserError when the image is not there, is damaged, or needs a base that this machine does not have
   */
  unpack(application: string, image: Digest, directory: string): Promise<void>;
}

/** Where an environment has the files of an image, whether they are there or not. */
export function imageDirectory(state: State, environment: Environment, image: Digest): string {
  return join(imagesDirectory(state, environment), image.replace(':', '-'));
}

/** Lays out the files of every image of a plan. A directory appears under its name whole or not at all. */
export async function layOutImages(source: ImageSource, state: State, plan: Plan): Promise<void> {
  const { environment } = plan;
  for (const image of imagesOf(plan)) {
    const directory = imageDirectory(state, environment, image);
    if (existsSync(directory)) continue;
    const draft = join(imagesDirectory(state, environment), `.${randomUUID()}`);
    makeDirectory(draft);
    try {
      await source.unpack(environment.application, image, draft);
      renameSync(draft, directory);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
}

/** Removes what no process of the plan needs, such as the files of the former release and the remains of a crash. */
export function tidyImages(state: State, plan: Plan): void {
  const needed = new Set([...imagesOf(plan)].map((image) => imageDirectory(state, plan.environment, image)));
  const all = imagesDirectory(state, plan.environment);
  for (const name of readdirSync(all)) {
    if (!needed.has(join(all, name))) rmSync(join(all, name), { recursive: true, force: true });
  }
}

/** The image whose `migrate.mjs` brings databases and queues up to the plan's release; undefined when there are none. */
export function migrateImageOf({ release: { content } }: Plan): Digest | undefined {
  return content.migrate === undefined ? undefined : content.images[content.migrate];
}

function imagesOf(plan: Plan): Set<Digest> {
  const migrate = migrateImageOf(plan);
  return new Set([...plan.processes.map(({ image }) => image), ...(migrate ? [migrate] : [])]);
}

function imagesDirectory(state: State, environment: Environment): string {
  return join(state.environment(environment), 'images');
}
