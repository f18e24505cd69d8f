import type { Fairlead } from '../../examples/demo/fairlead.ts';
import type { FakeGitHub } from '../fakes/github/fake.ts';
import type { Repository } from '../fakes/github/model/repository.ts';

/** Where the environments of the story are. */
export interface Place {
  target: 'local' | 'aws';
  /** What `fairlead.json` of the shop says besides. */
  settings: object;
  /** Variables of the command line that looks after it. */
  env: Record<string, string>;
  /** Variables of the runner. */
  jobs: Record<string, string>;
  /** The time there, by which identities are over. */
  now(): Date;
  /** Arguments of `fairlead init`. */
  init: string[];
  /** Lets jobs of the repository in. Answers the variables of the repository on GitHub. */
  admit(fairlead: Fairlead, hosted: Repository, github: FakeGitHub): Promise<Record<string, string>>;
  /** What is left when every environment is gone, and has to go, too: arguments of commands. */
  leftovers: string[][];
  dispose(): Promise<void>;
}

/** This machine is the runner, and keeps the environments. */
export const machine: Place = {
  target: 'local',
  settings: {},
  env: {},
  jobs: {},
  now: () => new Date(),
  init: ['--target', 'local'],
  admit: async () => ({}),
  leftovers: [],
  dispose: async () => {},
};
