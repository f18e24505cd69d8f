import { physicalName } from '../names.ts';

/** Whose host it is. */
export interface Guest {
  /** The Foundation that it stands on. */
  foundation: string;
  application: string;
  environment: string;
}

/**
 * The host of an environment: `pr-7.shop.example`, production at the domain itself. A Foundation of another name than the application
 * may carry several, which each have names of their own: `books.shop.example`, `pr-7--books.shop.example`.
 */
export function hostName(domain: string, guest: Guest): string {
  const label = labelOf(guest);
  return label === '' ? domain : `${label}.${domain}`;
}

/** The host at which a new release of an environment answers alone. */
export function canaryHostName(domain: string, guest: Guest): string {
  const label = labelOf(guest) || guest.environment;
  return `${legal(`canary-${label}`, ['canary', ...partsOf(guest)])}.${domain}`;
}

function labelOf(guest: Guest): string {
  const { foundation, application, environment } = guest;
  const production = environment === 'production';
  if (foundation === application) return production ? '' : legal(environment, partsOf(guest));
  // Neither name has two hyphens in a row, so that no other two make the same.
  return legal(production ? application : `${environment}--${application}`, partsOf(guest));
}

function partsOf({ application, environment }: Guest): string[] {
  return [environment, application];
}

/** A label of a host's name (RFC 1123, and RFC 5891, 4.2.3.1), with a hash in it where what is wanted is none. */
function legal(wanted: string, parts: string[]): string {
  const [first = '', second, more] = wanted.split('--');
  const plain = [first, second ?? 'a'].every((part) => /^[a-z0-9](-?[a-z0-9])*$/.test(part));
  const fits = wanted.length <= 63 && more === undefined && !(second !== undefined && first.length === 2);
  return plain && fits ? wanted : physicalName('host', ...parts);
}
