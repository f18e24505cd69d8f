import type { Diagnostic, Graph } from '../../analyzer/mod.ts';
import type { Environment } from '../environment.ts';
import type { Plan } from '../plan.ts';
import type { Destroyed } from '../ports.ts';
import type { Unwanted } from '../preview-policy.ts';
import type { Digest } from '../release.ts';

/** Where words lead to. What is absent leads nowhere. */
export interface Links {
  /** The repository's page, such as `https://github.com/owner/name`. */
  repository?: string;
  /** The commit that was built: places in sources lead to their line in it. */
  commit?: string;
  /** The application's directory in the repository. @default '.' */
  directory?: string;
  /** The page of the run, with its log. */
  run?: string;
}

/** A part of the work, in the order of the work. */
export interface Phase {
  title: string;
  /** 0 for what is part of nothing else. @default 0 */
  depth?: number;
  /** Absent: it did not come to its end. */
  milliseconds?: number;
  /** @default false */
  failed?: boolean;
}

/** What an environment costs in a month, where somebody knows prices. */
export interface Cost {
  /** ISO 4217, such as `USD`. */
  currency: string;
  /** Absent where nothing was there before. */
  before?: number;
  after: number;
  /** Whose prices, and of when. */
  source: string;
}

/** What is no longer paid. */
export interface Saving {
  currency: string;
  /** In a month. */
  amount: number;
  source: string;
}

/** What only whoever wakes a use case knows, and people are told. */
export interface Telling {
  links?: Links;
  /** What was done so far, asked for when it is told. */
  phases?: () => readonly Phase[];
}

/** What can be said about any state; what is not known is not said. */
export interface CommentContext {
  links?: Links;
  /** When it came to this, ISO 8601 in UTC. */
  at?: string;
  phases?: readonly Phase[];
  /** What all of it took; @default the sum of the phases */
  milliseconds?: number;
}

/** What a pull request's comment is about. */
export type CommentContent = CommentContext &
  (
    | {
        state: 'deployed';
        plan: Plan;
        url: string;
        /** The same release planned for production: what merging would change there. */
        production: Plan;
        /** What production runs; absent when there is nothing to compare with. */
        before?: Graph;
        /** Why production would refuse this release. */
        refusals: readonly Diagnostic[];
        /** Why the preview's databases were made anew; empty when they were kept. */
        recreated: readonly Diagnostic[];
        /** Of production. */
        cost?: Cost;
        /** Bytes of images, by digest. */
        sizes?: Readonly<Record<Digest, number>>;
      }
    /** Work has begun; `url` is where the former release answers. */
    | { state: 'started'; environment: Environment; url?: string }
    | {
        state: 'failed';
        environment: Environment;
        diagnostics: readonly Diagnostic[];
        /** Where a release answers. */
        url?: string;
        /** Whether that is the one that failed. @default false, the former one */
        isUp?: boolean;
      }
    | {
        state: 'removed';
        environment: Environment;
        /** @default [] */
        removed?: Destroyed['removed'];
        left: Destroyed['left'];
        saved?: Saving;
        /** Why it shall not be there; absent when somebody removed it whatever its pull request says. */
        unwanted?: Unwanted;
      }
  );
