import type { Node } from 'jsonc-parser';
import type { Code, Diagnostic } from './diagnostic.ts';
import type { AppSettings, Hook } from './graph.ts';
import { fieldsOf, type JsonFile, parseJsonFile, placeIn, valueOfNode } from './json-file.ts';
import { didYouMean } from './suggest.ts';

/** What `encore.app` says. */
export interface EncoreApp {
  settings: AppSettings;
  /** Wrong types and values are errors, unknown settings warnings; what is right counts all the same. */
  diagnostics: Diagnostic[];
}

/**
 * Reads the settings of an `encore.app`: JSON with comments and trailing commas. An empty file sets nothing.
 * @throws UserError FL1005 when it is not JSON, or not an object
 */
export function parseEncoreApp(text: string): EncoreApp {
  const file = parseJsonFile('encore.app', text);
  const reader = new Reader(file);
  const settings = reader.app(fieldsOf(file.object));
  return { settings, diagnostics: reader.diagnostics };
}

type Fields = ReadonlyMap<string, { key: Node; value: Node }>;

/** Of each object: the settings it may hold. */
const known = {
  top: ['id', 'lang', 'experiments', 'global_cors', 'build', 'log_level', 'cgo_enabled', 'docker_base_image'],
  cors: [
    'debug',
    'allow_headers',
    'expose_headers',
    'allow_origins_without_credentials',
    'allow_origins_with_credentials',
  ],
  build: ['cgo_enabled', 'worker_pooling', 'docker', 'hooks'],
  docker: ['base_image', 'bundle_source', 'working_dir', 'process_per_service'],
  hooks: ['prebuild', 'postbuild'],
  hook: ['command', 'env'],
};

const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const;

class Reader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #file: JsonFile;

  constructor(file: JsonFile) {
    this.#file = file;
  }

  app(fields: Fields): AppSettings {
    this.#checkNames(fields, known.top, '');
    this.#language(fields);
    this.#texts(fields, 'experiments');
    this.#flag(fields, 'cgo_enabled');
    const build = this.#object(fields, 'build', known.build);
    return present({
      cors: this.#cors(this.#object(fields, 'global_cors', known.cors)),
      ...this.#build(build),
      docker: this.#docker(
        build && this.#object(build, 'docker', known.docker),
        this.#text(fields, 'docker_base_image'),
      ),
      logLevel: this.#level(fields),
    });
  }

  #cors(fields: Fields | undefined): AppSettings['cors'] {
    if (!fields) return undefined;
    return present({
      debug: this.#flag(fields, 'debug'),
      allowHeaders: this.#texts(fields, 'allow_headers'),
      exposeHeaders: this.#texts(fields, 'expose_headers'),
      allowOriginsWithoutCredentials: this.#texts(fields, 'allow_origins_without_credentials'),
      allowOriginsWithCredentials: this.#texts(fields, 'allow_origins_with_credentials'),
    });
  }

  #build(fields: Fields | undefined): Pick<AppSettings, 'workerPooling' | 'hooks'> {
    if (!fields) return {};
    this.#flag(fields, 'cgo_enabled');
    const hooks = this.#object(fields, 'hooks', known.hooks);
    return present({
      workerPooling: this.#flag(fields, 'worker_pooling'),
      hooks: hooks && present({ prebuild: this.#hook(hooks, 'prebuild'), postbuild: this.#hook(hooks, 'postbuild') }),
    });
  }

  /** @param formerImage the same setting at its deprecated place */
  #docker(fields: Fields | undefined, formerImage: string | undefined): AppSettings['docker'] {
    if (!fields) return formerImage === undefined ? undefined : { baseImage: formerImage };
    return present({
      baseImage: this.#text(fields, 'base_image') ?? formerImage,
      bundleSource: this.#flag(fields, 'bundle_source'),
      workingDirectory: this.#text(fields, 'working_dir'),
      processPerService: this.#flag(fields, 'process_per_service'),
    });
  }

  #hook(fields: Fields, name: string): Hook | undefined {
    const node = fields.get(name)?.value;
    if (!node) return undefined;
    if (typeof node.value === 'string') return { command: node.value, env: {} };
    if (node.type !== 'object') return this.#wrongType(node, name, 'a command, or an object with a `command`');
    const own = fieldsOf(node);
    this.#checkNames(own, known.hook, name);
    const command = this.#text(own, 'command');
    if (!own.has('command')) this.#wrongType(node, name, 'a command, or an object with a `command`');
    const env = this.#environment(own);
    return command === undefined ? undefined : { command, env };
  }

  #environment(fields: Fields): Record<string, string> {
    const node = fields.get('env')?.value;
    if (!node) return {};
    const values = fieldsOf(node);
    if (node.type !== 'object' || [...values.values()].some(({ value }) => typeof value.value !== 'string')) {
      this.#wrongType(node, 'env', 'an object of strings');
      return {};
    }
    return valueOfNode(node) as Record<string, string>;
  }

  #language(fields: Fields): void {
    const language = this.#text(fields, 'lang');
    if (language === undefined || language === 'typescript') return;
    this.#add(
      'error',
      'FL1011',
      fields.get('lang')!.value,
      `the application's language is ${JSON.stringify(language)}`,
      {
        help: 'Fairlead takes applications in TypeScript; write "typescript", or remove `lang`, if this is one.',
      },
    );
  }

  #level(fields: Fields): AppSettings['logLevel'] {
    const level = this.#text(fields, 'log_level');
    if (level === undefined) return undefined;
    const found = levels.find((name) => name === level);
    return found ?? this.#wrongType(fields.get('log_level')!.value, 'log_level', `one of ${levels.join(', ')}`);
  }

  #object(fields: Fields, name: string, settings: readonly string[]): Fields | undefined {
    const node = fields.get(name)?.value;
    if (!node) return undefined;
    if (node.type !== 'object') return this.#wrongType(node, name, 'an object');
    const own = fieldsOf(node);
    this.#checkNames(own, settings, name);
    return own;
  }

  #text(fields: Fields, name: string): string | undefined {
    const node = fields.get(name)?.value;
    if (!node || typeof node.value === 'string') return node?.value;
    return this.#wrongType(node, name, 'a string');
  }

  #flag(fields: Fields, name: string): boolean | undefined {
    const node = fields.get(name)?.value;
    if (!node || typeof node.value === 'boolean') return node?.value;
    return this.#wrongType(node, name, '`true` or `false`');
  }

  #texts(fields: Fields, name: string): string[] | undefined {
    const node = fields.get(name)?.value;
    if (!node) return undefined;
    const items = node.type === 'array' ? (node.children ?? []) : [node];
    const other = items.find(({ value }) => typeof value !== 'string');
    if (node.type === 'array' && !other) return items.map(({ value }) => value);
    return this.#wrongType(other ?? node, name, 'a list of strings');
  }

  #checkNames(fields: Fields, settings: readonly string[], owner: string): void {
    for (const [name, { key }] of fields) {
      if (settings.includes(name)) continue;
      const place = owner === '' ? 'encore.app' : `\`${owner}\` of encore.app`;
      this.#add('warning', 'FL1010', key, `${place} has no setting \`${name}\``, {
        help: didYouMean(name, settings, `The settings are ${settings.map((s) => `\`${s}\``).join(', ')}.`),
      });
    }
  }

  #wrongType(node: Node, name: string, expected: string): undefined {
    this.#add('error', 'FL1005', node, `\`${name}\` of encore.app is not ${expected}`, {
      help: 'Correct it, or remove it.',
    });
  }

  #add(severity: Diagnostic['severity'], code: Code, at: Node, message: string, { help }: { help: string }): void {
    this.diagnostics.push({ code, severity, message, help, position: placeIn(this.#file, at) });
  }
}

/** Without the fields that are undefined. */
function present<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
