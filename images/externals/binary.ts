import type { Libc } from '../base/mod.ts';

/** What a compiled file runs on, in the words of OCI: `linux` and `amd64`. */
export interface BinaryTarget {
  os: string;
  /** More than one for a universal binary of macOS. */
  architectures: string[];
  /** The C library that it is linked with, of Linux. Absent: none, or not known. */
  libc?: Libc;
}

/** How much of the beginning of a file {@link targetOf} wants to see. */
export const headerSize = 4096;

/** Reads the header of a file in the format ELF, Mach-O or PE; undefined for others. */
export function targetOf(header: Buffer): BinaryTarget | undefined {
  if (header.length < 64) return undefined;
  const magic = header.readUInt32BE(0);
  if (magic === 0x7f454c46) return readElf(header);
  if (magic === 0xcffaedfe) return apple([header.readUInt32LE(4)]);
  if (magic === 0xcafebabe) return readUniversal(header);
  if (header.toString('latin1', 0, 2) === 'MZ') return readPe(header);
  return undefined;
}

/** By `e_machine`. */
const elfMachines: Record<number, string> = {
  3: '386',
  21: 'ppc64le',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
};

/** How many bytes of what came before {@link libcIn} wants to see again, so that no name is cut in two. */
export const libcOverlap = 16;

const libraries: [string, Libc][] = [
  ['\0libc.so.6\0', 'glibc'],
  ['\0libc.musl-', 'musl'],
  // What compilers for musl call it outside of Alpine Linux.
  ['\0libc.so\0', 'musl'],
];

/** The C library that is named in a part of an ELF file, as in its table of the libraries it needs. */
export function libcIn(bytes: Buffer): Libc | undefined {
  return libraries.find(([name]) => bytes.includes(name, 0, 'latin1'))?.[1];
}

function readElf(header: Buffer): BinaryTarget {
  const little = header[5] === 1;
  const machine = little ? header.readUInt16LE(18) : header.readUInt16BE(18);
  const os = header[7] === 9 ? 'freebsd' : 'linux';
  return { os, architectures: [elfMachines[machine] ?? `machine-${machine}`] };
}

/** By `cputype`. */
const appleMachines: Record<number, string> = { 16777223: 'amd64', 16777228: 'arm64' };

function apple(types: number[]): BinaryTarget {
  return { os: 'darwin', architectures: types.map((type) => appleMachines[type] ?? `machine-${type}`) };
}

/** Several of them in one; no class file of Java, whose version stands where the count is here. */
function readUniversal(header: Buffer): BinaryTarget | undefined {
  const count = header.readUInt32BE(4);
  if (count > 16) return undefined;
  return apple(Array.from({ length: count }, (_, index) => header.readUInt32BE(8 + 20 * index)));
}

const peMachines: Record<number, string> = { 332: '386', 34404: 'amd64', 43620: 'arm64' };

function readPe(header: Buffer): BinaryTarget | undefined {
  const start = header.readUInt32LE(60);
  if (start + 6 > header.length || header.toString('latin1', start, start + 4) !== 'PE\0\0') return undefined;
  const machine = header.readUInt16LE(start + 4);
  return { os: 'windows', architectures: [peMachines[machine] ?? `machine-${machine}`] };
}
