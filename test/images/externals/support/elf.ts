/** The header of a file in the format ELF, of 64 bits. */
export function elf(machine: number, { big = false, abi = 0, needs = '' } = {}): Buffer {
  const header = Buffer.alloc(64 + needs.length + 2);
  // Where the names of libraries are, does not matter.
  header.write(needs, 65, 'latin1');
  header.write('\x7fELF', 'latin1');
  header[4] = 2;
  header[5] = big ? 2 : 1;
  header[7] = abi;
  if (big) header.writeUInt16BE(machine, 18);
  else header.writeUInt16LE(machine, 18);
  return header;
}
