import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { leaveOutSecrets } from '../../../images/dockerfile/ignore.ts';
import { buildDockerfile, type DockerfileBuild } from '../../../images/dockerfile/mod.ts';
import { buildahCommand, buildxCommand } from '../../../images/dockerfile/tool.ts';
import type { ImageConfig, Index, Manifest } from '../../../images/oci/descriptor.ts';
import { type Layout, openLayout } from '../../../images/oci/repository/mod.ts';
import type { Digest } from '../../../pipeline/mod.ts';
import { failureOf, read } from '../oci/content.ts';
import { testWith } from '../oci/support/judge.ts';
import { directory } from '../sample.ts';

const dockerfile = `FROM scratch
COPY --from=fairlead . /app
COPY . /src
WORKDIR /app
USER 65532
ENTRYPOINT ["/bin/node"]
CMD ["main.mjs"]
`;

const files: DockerfileBuild['files'] = [
  { path: 'main.mjs', content: Buffer.from('main') },
  { path: 'node_modules/tool/bin', mode: 0o755, content: Buffer.from('bin') },
  { path: 'node_modules/.bin/tool', link: '../tool/bin' },
];

/** An application with a Dockerfile in a service, a store of buildah's own, and a place for the result. */
async function application(text = dockerfile) {
  const root = await directory({
    'app/orders/Dockerfile': text,
    'app/orders/orders.ts': 'orders',
    'app/data.txt': 'data',
    'app/.env': 'SECRET=1',
    'app/.dockerignore': '.env\n**/Dockerfile\n',
  });
  await writeFile(
    join(root.path, 'storage.conf'),
    `[storage]\ndriver = "vfs"\ngraphroot = "${root.path}/graph"\nrunroot = "${root.path}/run"\n`,
  );
  const warnings: string[] = [];
  const steps: string[] = [];
  const to = openLayout(join(root.path, 'store'));
  const build: DockerfileBuild = {
    root: join(root.path, 'app'),
    dockerfile: 'orders/Dockerfile',
    application: 'sample',
    key: 'per-service/orders',
    files,
    platforms: ['linux/amd64', 'linux/arm64'],
    to,
    env: {
      PATH: process.env.PATH,
      HOME: root.path,
      CONTAINERS_STORAGE_CONF: join(root.path, 'storage.conf'),
      BUILDAH_ISOLATION: 'chroot',
    },
    report: {
      step(title, work) {
        steps.push(title);
        return work();
      },
      warn: (message) => warnings.push(message),
    },
  };
  return { root, build, to, warnings, steps, [Symbol.asyncDispose]: () => root[Symbol.asyncDispose]() };
}

async function json<T>(layout: Layout, digest: Digest): Promise<T> {
  const found = await layout.manifest(digest);
  return JSON.parse(Buffer.from(found!.bytes).toString()) as T;
}

/** Of each platform: the config, and what `tar` finds in the layers. */
async function opened(layout: Layout, digest: Digest) {
  const { manifests, annotations } = await json<Index>(layout, digest);
  const images = manifests.map(async (descriptor) => {
    const { config, layers } = await json<Manifest>(layout, descriptor.digest);
    const parsed = JSON.parse((await read(layout, config)).toString()) as ImageConfig;
    const listed = await Promise.all(
      layers.map(async (layer) =>
        execFileSync('tar', ['-tzv', '--numeric-owner'], { input: await read(layout, layer), encoding: 'utf8' }),
      ),
    );
    const entries = listed
      .join('')
      .trim()
      .split('\n')
      .map((line) => line.replace(/^(\S+) +(\S+) .*\d\d:\d\d /, '$1 $2 '));
    return { platform: descriptor.platform, config: parsed, entries };
  });
  return { annotations, images: await Promise.all(images) };
}

const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('fairlead-dockerfile-'));

testWith('buildah')(
  'buildah builds from a Dockerfile what we would have shipped, for each platform (needs buildah)',
  async () => {
    await using app = await application();
    const before = await left();
    const digest = await buildDockerfile(app.build);
    const { annotations, images } = await opened(app.to, digest);
    expect(annotations).toEqual({ 'org.opencontainers.image.title': 'sample per-service/orders' });
    expect(images.map(({ platform }) => platform)).toEqual([
      { os: 'linux', architecture: 'amd64' },
      { os: 'linux', architecture: 'arm64' },
    ]);
    for (const { platform, config, entries } of images) {
      expect([config.os, config.architecture]).toEqual([platform?.os, platform?.architecture]);
      expect(config.config).toMatchObject({
        Entrypoint: ['/bin/node'],
        Cmd: ['main.mjs'],
        Labels: { 'org.opencontainers.image.title': 'sample per-service/orders' },
      });
      expect(entries).toEqual(
        expect.arrayContaining([
          '-rw-r--r-- 0/0 app/main.mjs',
          '-rwxr-xr-x 0/0 app/node_modules/tool/bin',
          'lrwxrwxrwx 0/0 app/node_modules/.bin/tool -> ../tool/bin',
          expect.stringMatching(/^-rw\S+ 0\/0 src\/orders\/orders\.ts$/),
          'drwxr-xr-x 0/0 app/',
        ]),
      );
      expect(entries.join('\n')).not.toMatch(/\.env|Dockerfile/);
    }
    expect(app.steps).toEqual(['Build orders/Dockerfile']);
    expect(app.warnings).toEqual([
      expect.stringMatching(/^FL2515: the image of per-service\/orders comes from orders\/Dockerfile/),
    ]);
    expect(await left()).toEqual(before);
  },
);

testWith('buildah')('what looks like a secret is left out of the context, and said (needs buildah)', async () => {
  await using app = await application();
  const secrets = {
    'deep/.env.production': 'S=1',
    'deep/er/tls.pem': '-----BEGIN PRIVATE KEY-----',
    '# [a]*?/.netrc': '',
  };
  const others = { '.env.example': 'S=', 'deep/.npmrc': 'registry=https://registry.example', 'own/id_rsa': 'public' };
  for (const [path, text] of Object.entries({ ...secrets, ...others })) {
    await mkdir(join(app.build.root, dirname(path)), { recursive: true });
    await writeFile(join(app.build.root, path), text);
  }
  await writeFile(join(app.build.root, '.dockerignore'), '**/Dockerfile\n!deep/.env.production\n');
  const digest = await buildDockerfile({ ...app.build, platforms: ['linux/amd64'], allowed: ['own/'] });
  const { images } = await opened(app.to, digest);
  const sources = images[0]!.entries.flatMap((entry) => / src\/(.*[^/])$/.exec(entry)?.[1] ?? []).sort();
  expect(sources).toEqual([...Object.keys(others), '.dockerignore', 'data.txt', 'orders/orders.ts'].sort());
  expect(app.warnings[0]).toMatch(
    /^FL2517: orders\/Dockerfile cannot copy "# \[a\]\*\?\/\.netrc", "\.env", "deep\/\.env\.production", "deep\/er\/tls\.pem", /,
  );
});

test.each([
  ['orders/.env', '# all\n**/.env\n', true],
  ['orders/.env', 'orders\n', true],
  ['orders/.env', '/orders/\n', true],
  ['orders/.env', '*/.en?\n', true],
  ['orders/.env', '*\n!orders/*.ts\n', true],
  ['.env', '**/.env', true],
  ['orders/.env', '.env\n', false],
  ['orders/.env', '*\n!orders\n', false],
  ['orders/.env', '', false],
])('%s is left out once more after the user’s lines %j, who did so: %j', async (path, text, said) => {
  await using root = await directory({ [`app/${path}`]: '', 'app/Dockerfile': '', 'app/.dockerignore': text });
  const options = { root: join(root.path, 'app'), dockerfile: 'Dockerfile', allowed: [] };
  const { dockerfile, leftOut } = await leaveOutSecrets(options, join(root.path, 'work'));
  expect(leftOut).toEqual(said ? [] : [path]);
  expect(await readFile(`${dockerfile}.dockerignore`, 'utf8')).toBe(`${text}\n${path}\n`);
});

test("a Dockerfile's own list of what is left out wins", async () => {
  await using root = await directory({
    'app/orders/Dockerfile': 'FROM scratch',
    'app/orders/Dockerfile.dockerignore': 'one',
    'app/.dockerignore': 'two',
  });
  const options = { root: join(root.path, 'app'), dockerfile: 'orders/Dockerfile', allowed: [] };
  const { dockerfile } = await leaveOutSecrets(options, join(root.path, 'work'));
  expect(await readFile(dockerfile, 'utf8')).toBe('FROM scratch');
  expect(await readFile(`${dockerfile}.dockerignore`, 'utf8')).toBe('one\n');
});

testWith('buildah')('what cannot be built is one error with the tool’s last words (needs buildah)', async () => {
  await using app = await application('FROM scratch\nCOPY nowhere /\n');
  const failure = await failureOf(buildDockerfile(app.build));
  expect(failure.code).toBe('FL2509');
  expect(failure.text).toMatch(
    /^orders\/Dockerfile cannot be built with buildah build: it ended with \d+. Its last words:\n[\s\S]*nowhere/,
  );
});

testWith('buildah')('an image without a command is refused, one of root is warned about (needs buildah)', async () => {
  await using app = await application('FROM scratch\nCOPY data.txt /\n');
  const build = { ...app.build, platforms: ['linux/amd64'] };
  const failure = await failureOf(buildDockerfile(build));
  expect([failure.code, failure.text]).toEqual(['FL2510', expect.stringContaining('has no command')]);
  await writeFile(
    join(build.root, 'orders/Dockerfile'),
    'FROM scratch\nCOPY data.txt /\nCMD ["/node"]\nUSER 0:65532\n',
  );
  await buildDockerfile(build);
  expect(app.warnings.at(-1)).toMatch(/^FL2513: the image of per-service\/orders runs as root/);
});

test('without a tool the error names both ways out', async () => {
  await using app = await application();
  const failure = await failureOf(buildDockerfile({ ...app.build, env: { PATH: app.root.path } }));
  expect(failure.code).toBe('FL2508');
  expect(failure.text).toBe(
    'orders/Dockerfile takes docker buildx or buildah: there is no docker buildx that answers, and there is no buildah\n' +
      'Install one of them; or remove or rename the Dockerfile, and Fairlead builds the image without either.',
  );
});

test('a file that looks like a secret does not get into the context', async () => {
  await using app = await application();
  const bin = await programs(app.root.path, { buildah: 'exit 0' });
  const files = [{ path: '.env', content: Buffer.from('A=1') }];
  const build = { ...app.build, files, env: { PATH: bin } };
  expect((await failureOf(buildDockerfile(build))).code).toBe('FL2305');
});

/** Programs of the shell, in a directory of their own. */
async function programs(root: string, scripts: Record<string, string>): Promise<string> {
  const bin = join(root, 'bin');
  await mkdir(bin, { recursive: true });
  for (const [name, text] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(bin, name), 0o755);
  }
  return bin;
}

/** What `docker` answers, as far as it is asked before a build. */
const docker = (driver: string, storage: string) =>
  `case "$1 $2" in
    "buildx inspect") echo "Name: default"; echo "Driver:        ${driver}";;
    "info --format") echo '${storage}';;
    "buildx build") echo "ERROR: this is $1" >&2; exit 1;;
  esac`;

const containerd = '[["driver-type","io.containerd.snapshotter.v1"]]';

test.each<[string, Record<string, string>, string]>([
  ['a builder of its own', { docker: docker('docker-container', ''), buildah: 'exit 0' }, 'docker buildx build'],
  ['Docker with containerd', { docker: docker('docker', containerd), buildah: 'exit 0' }, 'docker buildx build'],
  [
    'Docker without it, and buildah',
    { docker: docker('docker', '[]'), buildah: '[ "$1" = --version ]' },
    'buildah build',
  ],
  ['no plugin, and buildah', { docker: 'exit 1', buildah: '[ "$1" = --version ]' }, 'buildah build'],
])('the tool with %s', async (_, scripts, command) => {
  await using app = await application();
  const bin = await programs(app.root.path, scripts);
  const failure = await failureOf(buildDockerfile({ ...app.build, env: { PATH: `${bin}:/bin` } }));
  expect(failure.code).toBe('FL2509');
  expect(failure.text).toContain(`cannot be built with ${command}: it ended with 1`);
});

test('Docker alone that cannot write layouts is told how it can', async () => {
  await using app = await application();
  const bin = await programs(app.root.path, { docker: docker('docker', '[]') });
  const failure = await failureOf(buildDockerfile({ ...app.build, env: { PATH: bin } }));
  expect([failure.code, failure.text]).toEqual(['FL2508', expect.stringContaining('docker buildx create --use')]);
});

test('what the tools are asked', () => {
  const job = {
    root: '/app',
    dockerfile: '/app/orders/Dockerfile',
    files: '/tmp/w/files',
    platforms: ['linux/amd64', 'linux/arm64'],
    labels: { 'org.opencontainers.image.title': 'shop orders' },
    work: '/tmp/w,1',
  };
  expect(buildxCommand(job)).toEqual([
    ...['docker', 'buildx', 'build', '--file', '/app/orders/Dockerfile', '--platform', 'linux/amd64,linux/arm64'],
    ...['--build-context', 'fairlead=/tmp/w/files', '--provenance=false', '--sbom=false', '--progress=plain'],
    ...['--label', 'org.opencontainers.image.title=shop orders'],
    ...['--output', 'type=oci,tar=false,"dest=/tmp/w,1/out"', '/app'],
  ]);
  expect(buildahCommand(job, 'linux/arm64', '/tmp/w/id', false)).toEqual([
    ...['buildah', 'build', '--file', '/app/orders/Dockerfile'],
    ...['--ignorefile', '/app/orders/Dockerfile.dockerignore', '--platform', 'linux/arm64'],
    ...['--build-context', 'fairlead=/tmp/w/files', '--no-cache', '--iidfile', '/tmp/w/id'],
    ...['--label', 'org.opencontainers.image.title=shop orders', '/app'],
  ]);
});
