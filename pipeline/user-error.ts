// For programs whose start has to be quick: mod.ts loads every use case and what those need.
export { UserError } from '../analyzer/diagnostic.ts';
