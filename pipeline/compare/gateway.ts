import type { AuthHandler, Gateway, Graph } from '../../analyzer/mod.ts';
import { schemaChange } from './schemas.ts';

export function gatewayDifferences(before: Gateway, after: Gateway): string[] {
  if (before.authenticates === after.authenticates) return [];
  return [
    after.authenticates
      ? 'now sends requests through the auth handler'
      : 'no longer sends requests through the auth handler',
  ];
}

export function authHandlerDifferences(before: AuthHandler, old: Graph, after: AuthHandler, now: Graph): string[] {
  return [
    ...schemaChange('request', before.request.schema, old, after.request.schema, now),
    ...schemaChange('auth data', before.data, old, after.data, now),
  ];
}
