export { Connection, SQLDatabase, type SQLDatabaseConfig, type SQLMigrationsConfig, Transaction } from './database.ts';
export type { Primitive, Row } from './queries.ts';
