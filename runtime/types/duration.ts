type Unit = 'ns' | 'us' | 'µs' | 'ms' | 's' | 'm' | 'h';

/** A length of time in one or two components: `30s`, `1h30m`. */
export type DurationString = `${number}${Unit}` | `${number}${Unit}${number}${Unit}`;
