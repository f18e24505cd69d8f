import { createHash } from 'node:crypto';
import type {
  Endpoint,
  Graph,
  JsonSchema,
  MigrationFile,
  Position,
  Service,
  Subscription,
} from '../../pipeline/mod.ts';
import { canonicalDigest, imageKey, processesOf, type Release } from '../../pipeline/mod.ts';
import * as built from '../support/graph.ts';
import { release } from '../support/release.ts';

/** A Graph with little in it; what a test is about is given. */
export function sampleGraph(parts: Partial<Graph> = {}): Graph {
  return built.graph({ application: 'shop', ...parts });
}

export function at(file: string, line = 1): Position {
  return { file, line, column: 1 };
}

export function service(name: string, parts: Partial<Service> = {}): Service {
  return built.service(name, { position: at(`${name}/encore.service.ts`), ...parts });
}

export function endpoint(name: string, parts: Partial<Endpoint> = {}): Endpoint {
  return built.endpoint(name, { module: 'orders/api.ts', exposed: true, position: at('orders/api.ts'), ...parts });
}

/** An endpoint's request or response: an object of text fields. */
export function message(...fields: string[]) {
  const properties = Object.fromEntries(fields.map((field): [string, JsonSchema] => [field, { type: 'string' }]));
  return { schema: { type: 'object', properties, required: fields }, encodings: [] };
}

export function subscription(name: string, topic: string, parts: Partial<Subscription> = {}): Subscription {
  return built.subscription(name, topic, {
    module: `${name}/${name}.ts`,
    position: at(`${name}/${name}.ts`),
    ...parts,
  });
}

/** Migrations `1_<text>`, `2_<text>` …; a text that ends in `!` is one that old code cannot live with. */
export function migrations(database: string, ...texts: string[]) {
  const directory = `${database}/migrations`;
  const files = texts.map((text, index): MigrationFile => {
    const [version, name] = [index + 1, text.replace('!', '')];
    const file = `${directory}/${version}_${name}.up.sql`;
    const safety = text.endsWith('!') ? 'destructive' : 'additive';
    const reason = safety === 'destructive' ? `${name} drops a column` : `${name} adds a column`;
    return {
      version,
      name,
      file,
      hash: createHash('sha256').update(text).digest('hex'),
      statements: [{ safety, reason, position: at(file, 3) }],
    };
  });
  return built.database(database, directory, files, at(`${database}/db.ts`));
}

/** A release of a graph, built for both allocations. */
export function sampleRelease(graph: Graph, commit?: string): Release {
  const hash = canonicalDigest(graph);
  const images = (['all-in-one', 'per-service'] as const).flatMap((allocation) =>
    processesOf(graph, allocation).map(
      ({ name }) => [imageKey(allocation, name), canonicalDigest([hash, name])] as const,
    ),
  );
  return release(graph, Object.fromEntries(images), { hash, ...(commit && { commit }) });
}
