/**
 * Modules of Node, taken without their ES module facades: making one reads every export, and with them Node loads all of
 * undici for `node:http` and all of WebCrypto for `node:crypto`, a third of the time an application takes to start.
 */
export const http: typeof import('node:http') = process.getBuiltinModule('node:http');
export const https: typeof import('node:https') = process.getBuiltinModule('node:https');
export const crypto: typeof import('node:crypto') = process.getBuiltinModule('node:crypto');
