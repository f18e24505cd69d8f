import { UserError } from '../analyzer/diagnostic.ts';
import type { Graph, Service } from '../analyzer/mod.ts';
import { didYouMean } from '../analyzer/suggest.ts';

/** The service of that name. @throws UserError FL5014 when there is none */
export function findService({ application, services }: Graph, name: string): Service {
  const service = services.find((one) => one.name === name);
  if (service) return service;
  const names = services.map((one) => one.name);
  throw new UserError({
    code: 'FL5014',
    severity: 'error',
    message: `${application} has no service ${name}`,
    help: didYouMean(name, names, names.length > 0 ? `There is ${names.join(', ')}.` : 'It has no services at all.'),
  });
}
