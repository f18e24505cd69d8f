import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { dockerfileOf, unusedDockerfiles } from '../../../images/dockerfile/mod.ts';
import { type Allocation, processesOf } from '../../../pipeline/mod.ts';
import { directory, graph, service } from '../sample.ts';

const at = (name: string, path: string) => ({ ...service(name, []), directory: path });
const application = graph({ services: [at('app', 'services/app'), at('mail', 'mail'), at('root', '.')] });

const files = {
  Dockerfile: '',
  'services/app/Dockerfile': '',
  'mail/dockerfile.txt': '',
};

async function found(root: string, allocation: Allocation, dockerfile?: boolean) {
  const processes = processesOf(application, allocation);
  const entries = processes.map(async (process) => [
    process.name,
    await dockerfileOf(root, application, process, { dockerfile }),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

test('a service has the Dockerfile of its directory, and the one in the root counts only when the application says so', async () => {
  await using root = await directory(files);
  expect(await found(root.path, 'per-service')).toEqual({
    gateway: undefined,
    app: 'services/app/Dockerfile',
    mail: undefined,
    root: undefined,
  });
  expect(await found(root.path, 'all-in-one')).toEqual({ app: undefined });
  expect(await found(root.path, 'all-in-one', true)).toEqual({ app: 'Dockerfile' });
  expect(await found(root.path, 'per-service', true)).toMatchObject({ gateway: undefined, root: 'Dockerfile' });
});

test('a directory of that name is none', async () => {
  await using root = await directory();
  await mkdir(join(root.path, 'mail/Dockerfile'), { recursive: true });
  expect(await found(root.path, 'per-service')).toMatchObject({ mail: undefined });
});

test('a Dockerfile that no environment has a process for is worth a warning', async () => {
  await using root = await directory(files);
  const warnings = await unusedDockerfiles(root.path, application, ['all-in-one']);
  expect(warnings.map(({ code, severity, position }) => [code, severity, position?.file])).toEqual([
    ['FL2514', 'warning', 'services/app/Dockerfile'],
  ]);
  expect(await unusedDockerfiles(root.path, application, ['all-in-one', 'per-service'])).toEqual([]);
});
