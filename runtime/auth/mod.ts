export { type AuthDataBase, type AuthHandler, authHandler } from './handler.ts';
