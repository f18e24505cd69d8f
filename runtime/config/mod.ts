export { type Secret, secret } from './secret.ts';
