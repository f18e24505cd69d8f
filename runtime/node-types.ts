/**
 * Types of Node that applications meet in the declarations, taken in this one place: an application that lacks `@types/node` is
 * to type-check all the same, and sees `any` in their stead.
 */

// biome-ignore-start lint/suspicious/noTsIgnore: nothing is wrong here, only in an application without the types
/** @ts-ignore: they may be missing */
export type { Buffer } from 'node:buffer';
/** @ts-ignore: they may be missing */
export type { IncomingMessage, ServerResponse } from 'node:http';
/** @ts-ignore: they may be missing */
export type { Readable } from 'node:stream';
// biome-ignore-end lint/suspicious/noTsIgnore: nothing is wrong here, only in an application without the types
