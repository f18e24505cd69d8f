import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { targetOf } from '../../../images/externals/binary.ts';
import { elf } from './support/elf.ts';
import { here } from './support/laid-out.ts';

test.each<[string, Buffer, string | undefined]>([
  ['ELF for x86-64', elf(62), 'linux amd64'],
  ['ELF for AArch64', elf(183), 'linux arm64'],
  ['ELF of the other byte order', elf(22, { big: true }), 'linux s390x'],
  ['ELF of FreeBSD', elf(62, { abi: 9 }), 'freebsd amd64'],
  ['ELF for a machine without a name', elf(9999), 'linux machine-9999'],
  ['Mach-O', macho(0x0100000c), 'darwin arm64'],
  ['universal Mach-O', universal([0x01000007, 0x0100000c]), 'darwin amd64,arm64'],
  ['class file of Java', universal(Array(61).fill(0)), undefined],
  ['PE', pe(0x8664), 'windows amd64'],
  ['PE for ARM', pe(0xaa64), 'windows arm64'],
  ['program for DOS', pe(0x8664).fill(0, 128), undefined],
  ['text', Buffer.from('#!/bin/sh\n'.repeat(20)), undefined],
  ['nothing', Buffer.alloc(0), undefined],
  ['half a header', elf(62).subarray(0, 20), undefined],
])('the header of %s tells what it runs on', (_, header, expected) => {
  const target = targetOf(header);
  expect(target && `${target.os} ${target.architectures.join()}`).toBe(expected);
});

test('this very Node is for this machine', () => {
  const target = targetOf(readFileSync(process.execPath).subarray(0, 4096));
  expect(target?.architectures.map((architecture) => `${target.os}/${architecture}`)).toContain(here);
});

function macho(type: number): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(0xfeedfacf, 0);
  header.writeUInt32LE(type, 4);
  return header;
}

function universal(types: number[]): Buffer {
  const header = Buffer.alloc(8 + 20 * types.length + 64);
  header.writeUInt32BE(0xcafebabe, 0);
  header.writeUInt32BE(types.length, 4);
  for (const [index, type] of types.entries()) header.writeUInt32BE(type, 8 + 20 * index);
  return header;
}

function pe(machine: number): Buffer {
  const header = Buffer.alloc(256);
  header.write('MZ', 'latin1');
  header.writeUInt32LE(128, 60);
  header.write('PE\0\0', 128, 'latin1');
  header.writeUInt16LE(machine, 132);
  return header;
}
