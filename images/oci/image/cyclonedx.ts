import { createHash } from 'node:crypto';
// Not the whole library, which takes three times as long to load.
import { Factories } from '@cyclonedx/cyclonedx-library/Contrib/License';
import * as Enums from '@cyclonedx/cyclonedx-library/Enums';
import * as Models from '@cyclonedx/cyclonedx-library/Models';
import * as Serialize from '@cyclonedx/cyclonedx-library/Serialize';
import * as Spec from '@cyclonedx/cyclonedx-library/Spec';
import parseExpression from 'spdx-expression-parse';
import type { FileHash } from '../../files.ts';
import { type Encoded, encode } from './image.ts';
import type { ShippedPackage } from './packages.ts';
import { type SbomInput, sbomType } from './sbom.ts';

/** What an image is made of, in the library's models. */
export function bomOf({ name, version, packages, files }: SbomInput): Encoded {
  const bom = new Models.Bom();
  const application = new Models.Component(Enums.ComponentType.Application, name, {
    bomRef: 'application',
    ...(version !== undefined && { version }),
  });
  const parts = [...packages.map(packageComponent), ...files.map(fileComponent)].sort((a, b) =>
    a.bomRef.value! < b.bomRef.value! ? -1 : 1,
  );
  for (const part of parts) {
    bom.components.add(part);
    application.dependencies.add(part.bomRef);
  }
  bom.metadata.component = application;
  bom.metadata.lifecycles.add(Enums.LifecyclePhase.Build);
  bom.serialNumber = `urn:uuid:${uuidOf(encode(sbomType, normalize(bom)).bytes)}`;
  return encode(sbomType, normalize(bom));
}

/** Not sorted by the library, which would ask the language of the machine. */
function normalize(bom: Models.Bom): object {
  return new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6).makeForBom().normalize(bom, { sortLists: false });
}

const licenses = new Factories.LicenseFactory(parseExpression);

function packageComponent({ name, version, license, integrity }: ShippedPackage): Models.Component {
  const purl = `pkg:npm/${name.split('/').map(encodeURIComponent).join('/')}@${encodeURIComponent(version)}`;
  const [scope, bare] = name.startsWith('@') ? name.split('/') : [undefined, name];
  return new Models.Component(Enums.ComponentType.Library, bare ?? name, {
    version,
    purl,
    bomRef: purl,
    ...(scope !== undefined && { group: scope }),
    licenses: new Models.LicenseRepository(license === undefined ? [] : [licenses.makeFromString(license)]),
    hashes: new Models.HashDictionary(integrity === undefined ? [] : hashesOf(integrity)),
  });
}

function fileComponent({ path, hash }: FileHash): Models.Component {
  return new Models.Component(Enums.ComponentType.File, path, {
    bomRef: `file:${path}`,
    hashes: new Models.HashDictionary([[Enums.HashAlgorithm['SHA-256'], hash]]),
  });
}

const algorithms: Record<string, Enums.HashAlgorithm> = {
  sha1: Enums.HashAlgorithm['SHA-1'],
  sha256: Enums.HashAlgorithm['SHA-256'],
  sha384: Enums.HashAlgorithm['SHA-384'],
  sha512: Enums.HashAlgorithm['SHA-512'],
};

/** `sha512-BASE64 sha1-BASE64?options` as algorithms and hex. */
function hashesOf(integrity: string): [Enums.HashAlgorithm, string][] {
  return integrity
    .split(/\s+/)
    .sort()
    .flatMap((entry): [Enums.HashAlgorithm, string][] => {
      const [, name = '', base64 = ''] = /^(\w+)-([^?]+)/.exec(entry) ?? [];
      const algorithm = algorithms[name];
      return algorithm === undefined ? [] : [[algorithm, Buffer.from(base64, 'base64').toString('hex')]];
    });
}

/** Ours, random once. */
const namespace = 'b5efe6d8-f562-4da2-8b58-825262bcc075';

/** A name-based UUID, version 5 of RFC 9562. */
function uuidOf(bytes: Uint8Array): string {
  const hash = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(bytes)
    .digest();
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex', 0, 16).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
