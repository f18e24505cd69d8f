/** Rejects at type level a name that is not a literal: the analyzer has to read it. */
export type StringLiteral<Name extends string> = string extends Name ? never : Name;
