import type { Position } from './diagnostic.ts';
import type { JsonSchema, Operation } from './graph.ts';

/**
 * What one file of an application says: all that the graph needs of it. Pure data, so that it can be kept from one analysis to
 * the next; nothing in it depends on other files than those that the file imports, directly or through others.
 */
export interface Facts {
  /** In the order of the text. */
  declarations: Declaration[];
  /** The files that loading this one loads: relative paths of the application's own. */
  imports: string[];
  /** What the file does, by the key of each declaration at its top level, and under `''` what it does when it is loaded. */
  code: Record<string, Code>;
  /** Named schemas that the declarations refer to. */
  schemas: Record<string, JsonSchema>;
}

/** A declaration before its types are known. */
export interface Outline {
  /** As in `Recogniser.declares`. */
  declares: string;
  /** Tells it from all other declarations: the file and an offset. */
  key: string;
  file: string;
  /** What the variable it is bound to is called, and what the module exports it as. */
  variable?: string;
  exported?: string;
  /** The module exports it as its default. */
  isDefault: boolean;
  /** A service's. */
  name?: string;
  /** Whether a stream's handler takes a handshake. */
  handshake?: boolean;
  position: Position;
}

/** A declaration of something that `encore.dev` exports. */
export interface Declaration<T = unknown> extends Outline {
  /** What its recogniser read. */
  value: T;
}

/** What a piece of code touches. */
export interface Code {
  /** Keys of other code that it mentions; `file#*` is everything in a file. */
  references: string[];
  uses: UseFact[];
}

export interface UseFact {
  resource: DeclarationReference | EndpointFact;
  operation: Operation;
  position: Position;
  /** What is known of the statement's tables. */
  tables?: { name: string; operations: ('read' | 'write')[] }[];
}

/** Another declaration, by its key. */
export interface DeclarationReference {
  key: string;
}

/** An endpoint, by its function in `~encore/clients`; `*` is all of the service's, by a `ref()` of its client. */
export interface EndpointFact {
  service: string;
  endpoint: string;
}
