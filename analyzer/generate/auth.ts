import { type GeneratedFile, header, typeOfModule } from './module.ts';

/** The module behind `~encore/auth`; without an auth handler it is there all the same, for code that is shared. */
export function authFile(handler: { name: string; module: string } | undefined): GeneratedFile {
  return { path: 'encore.gen/auth/index.ts', text: `${header}\n${handler ? withHandler(handler) : withoutHandler}` };
}

function withHandler({ name, module }: { name: string; module: string }): string {
  return `import { getAuthData as __getAuthData } from 'encore.dev/internal/auth';

type __Module = ${typeOfModule(module, 2)};

/** What the auth handler says of a caller. Its module has to export it, for more than the user's id to be known here. */
export type AuthData = __Module extends { readonly ${name}: (params: never) => Promise<infer Data> }
  ? NonNullable<Data>
  : { userID: string };

/** Who sent the current request; null when it is anonymous, and outside of a request. */
export function getAuthData(): AuthData | null {
  return __getAuthData() as AuthData | null;
}

declare module 'encore.dev/api' {
  interface CallOpts {
    /** Who the call is made for, instead of the caller of the current request. */
    authData?: AuthData;
  }
}
`;
}

const withoutHandler = `/** What an auth handler says of a caller; the application has none. */
export type AuthData = { userID: string };

/** @throws Error always: the application has no auth handler */
export function getAuthData(): AuthData | null {
  throw new Error('there is no auth data: the application declares no auth handler');
}
`;
