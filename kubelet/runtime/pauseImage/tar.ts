/** One regular file of an archive. */
export interface TarFile {
  /** At most 100 bytes. */
  readonly name: string;
  readonly mode: number;
  readonly content: Buffer;
}

const BLOCK = 512;

/** A ustar archive of these files, owned by root, with times of zero so that equal content gives equal bytes. */
export function tar(files: readonly TarFile[]): Buffer {
  return Buffer.concat([...files.flatMap((file) => [header(file), padded(file.content)]), Buffer.alloc(2 * BLOCK)]);
}

function header(file: TarFile): Buffer {
  const block = Buffer.alloc(BLOCK);
  block.write(file.name, 0);
  block.write(octal(file.mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(file.content.length, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        ', 148); // the checksum counts its own field as spaces
  block.write('0', 156);
  block.write('ustar\0', 257);
  block.write('00', 263);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function padded(content: Buffer): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}
