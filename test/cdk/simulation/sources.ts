import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LayerMaker, workingDirectory } from '../../../images/layer-maker.ts';
import { type Layout, openLayout } from '../../../images/oci/repository/mod.ts';
import { sealRelease } from '../../../images/release/mod.ts';
import { scratchBases } from '../../../images/scratch-bases.ts';
import { filesOf, writeImage } from '../../../images/write-image.ts';
import { type Digest, databaseSchemas, type Graph, type MigrationFile, type Release } from '../../../pipeline/mod.ts';
import { canonicalDigest } from '../../../pipeline/release.ts';
import { bucket, database, graph, service, subscription, topic, use } from '../../support/graph.ts';

export const application = 'tiny';

/** What sources can be like, besides their version. */
export const flavours = [
  /** Only code. */
  'plain',
  /** A second migration. */
  'column',
  /** Another second migration. */
  'other',
  /** A second migration that fails. */
  'mistake',
  /** Starts, and never answers. */
  'ill',
  /** Answers, but not as it should. */
  'wrong',
  /** Without the bucket. */
  'bucketless',
  /** With a queue that keeps messages longer, and one more. */
  'thorough',
] as const;

export type Flavour = (typeof flavours)[number];

/** `column-2`: sources of a commit. */
export type Head = `${Flavour}-${number}`;

export function flavourOf(head: string): Flavour {
  return head.slice(0, head.lastIndexOf('-')) as Flavour;
}

/** Whether an environment can run it. */
export function isSound(head: string): boolean {
  return !['mistake', 'ill', 'wrong'].includes(flavourOf(head));
}

/** The names of the migrations, in their order. */
export function migrationsOf(head: string): string[] {
  const flavour = flavourOf(head);
  return ['init', ...(['column', 'other', 'mistake'].includes(flavour) ? [flavour] : [])];
}

/** Two services, a database, a topic, a bucket, a secret and a cron job. */
export function graphOf(head: string): Graph {
  const flavour = flavourOf(head);
  const at = { file: 'web/web.ts', line: 1, column: 1 };
  const files = migrationsOf(head).map(
    (name, index): MigrationFile => ({
      version: index + 1,
      name,
      file: `web/migrations/${index + 1}_${name}.up.sql`,
      hash: String(name.length % 10).repeat(64),
      statements: [],
    }),
  );
  const thorough = flavour === 'thorough';
  const messageRetention = (thorough ? 10 : 7) * 86_400_000;
  return graph({
    application,
    services: [
      service('back', {
        subscriptions: [
          subscription('keep', 'noted', { module: 'back/back.ts', messageRetention }),
          ...(thorough ? [subscription('audit', 'noted', { module: 'back/back.ts' })] : []),
        ],
      }),
      service('web'),
    ],
    databases: [{ ...database('notes', 'web/migrations', files, at), service: 'web' }],
    topics: [topic('noted')],
    buckets: flavour === 'bucketless' ? [] : [bucket('files')],
    cronJobs: [
      {
        name: 'tick',
        when: { every: 3_600_000 },
        endpoint: { service: 'web', endpoint: 'tick' },
        service: 'web',
        position: at,
      },
    ],
    secrets: [{ name: 'GREETING', position: at }],
    uses: [
      use('web', { kind: 'database', name: 'notes' }, ['query'], at),
      use('web', { kind: 'secret', name: 'GREETING' }, ['read'], at),
      use('web', { kind: 'topic', name: 'noted' }, ['publish'], at),
      ...(flavour === 'bucketless' ? [] : [use('web', { kind: 'bucket', name: 'files' }, ['upload'], at)]),
    ],
  });
}

/** Releases as a build makes them, with images in which there is nothing but the name of their sources. */
export class Sources {
  readonly layout: Layout;
  /** By digest of an image. */
  readonly #heads = new Map<Digest, string>();
  readonly #releases = new Map<string, Promise<Release>>();
  #provisioner: Promise<Digest> | undefined;

  private constructor(directory: string) {
    this.layout = openLayout(join(directory, 'layout'));
  }

  /** In a directory of the system for what is not kept. */
  static async open(): Promise<Sources> {
    return new Sources(await mkdtemp(join(tmpdir(), 'fairlead-simulation-')));
  }

  release(head: string): Promise<Release> {
    const made = this.#releases.get(head) ?? this.#make(head);
    this.#releases.set(head, made);
    return made;
  }

  provisioner(): Promise<Digest> {
    this.#provisioner ??= this.#image('provisioner');
    return this.#provisioner;
  }

  /** Of an image by its full name, `HOST/NAME@sha256:…`; undefined when it is no application's. */
  headOf(image: string): string | undefined {
    return this.#heads.get(image.slice(image.indexOf('@') + 1) as Digest);
  }

  async #make(head: string): Promise<Release> {
    const made = graphOf(head);
    const image = await this.#image(head);
    this.#heads.set(image, head);
    const content: Release['content'] = {
      version: 2,
      tool: '0.0.0',
      graph: made,
      images: { 'all-in-one/app': image },
      databases: databaseSchemas(made),
      inputs: {},
      migrate: 'all-in-one/app',
    };
    return sealRelease(content, { hash: canonicalDigest(head) });
  }

  async #image(name: string): Promise<Digest> {
    const bases = await scratchBases(['linux/amd64']);
    const own = [{ path: 'main.mjs', bytes: Buffer.from(name) }];
    return writeImage(
      {
        name: `${application}/${name}`,
        layers: [{ files: filesOf(own), createdBy: 'test' }],
        own,
        packages: [],
        settings: { entrypoint: bases.entrypoint, cmd: ['main.mjs'], workingDirectory, env: {} },
      },
      bases,
      { repository: this.layout, layers: new LayerMaker({ repository: this.layout, allowed: [] }) },
    );
  }
}
