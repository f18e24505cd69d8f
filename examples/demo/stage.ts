import type { Fairlead } from './fairlead.ts';
import type { Place, Traces } from './place.ts';
import type { Repository } from './repository.ts';
import type { Telling } from './telling.ts';

export interface Step {
  title: string;
  play(stage: Stage): Promise<void>;
}

/** What the story is played on, and what one step leaves for later ones to compare with. */
export interface Stage {
  repository: Repository;
  fairlead: Fairlead;
  place: Place;
  telling: Telling;
  memory: Partial<Memory>;
}

export interface Memory {
  /** Production as it was first deployed. */
  first: Deployed;
  /** The preview as it was last deployed. */
  preview: Deployed;
  /** What was there before the preview. */
  before: Traces;
}

/** What `promote` and `preview` print with `--json`, as far as it matters here. */
export interface Deployed {
  url: string;
  /** The digest of the release. */
  release: string;
  /** Of a preview: what its pull request shows. */
  comment?: string;
  /** Of a promotion: the preview that has run this very release. */
  provenBy?: string;
}

/** What an earlier step has left. */
export function recall<Name extends keyof Memory>({ memory }: Stage, name: Name): Memory[Name] {
  const value = memory[name];
  if (value === undefined) throw new Error(`no step has left ${name}`);
  return value as Memory[Name];
}

/** What is there now, looked up at the place itself. */
export async function look({ fairlead, place }: Pick<Stage, 'fairlead' | 'place'>): Promise<Traces> {
  return place.traces(await fairlead.environments());
}
