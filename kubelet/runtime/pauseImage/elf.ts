/** Architectures in Node's names. */
export type Architecture = 'x64' | 'arm64';

const HEADERS_LENGTH = 64 + 56;
const LOAD_ADDRESS = 0x40_0000;
/** `struct sigaction` of the kernel: handler SIG_IGN (1), flags, restorer and mask zero. */
const IGNORE_ACTION = [1, ...Array.from({ length: 31 }, () => 0)];

/**
 * The program of the sandbox: it ignores SIGCHLD, so that the kernel reaps orphans of a shared process namespace, and sleeps for
 * ever. A static executable of less than 250 bytes, put together here so that no registry and no compiler is needed.
 */
export function pauseProgram(architecture: Architecture): Buffer {
  const code = architecture === 'x64' ? amd64Code() : arm64Code();
  const file = Buffer.alloc(HEADERS_LENGTH + code.length);
  writeHeaders(file, architecture === 'x64' ? 0x3e : 0xb7);
  code.copy(file, HEADERS_LENGTH);
  return file;
}

/** rt_sigaction(SIGCHLD, &act, NULL, 8); for (;;) pause(); */
function amd64Code(): Buffer {
  const text = (action: number): Buffer => {
    const bytes = Buffer.from([
      0xb8, 13, 0, 0, 0, // mov eax, rt_sigaction
      0xbf, 17, 0, 0, 0, // mov edi, SIGCHLD
      0xbe, 0, 0, 0, 0, // mov esi, act
      0x31, 0xd2, // xor edx, edx
      0x41, 0xba, 8, 0, 0, 0, // mov r10d, 8
      0x0f, 0x05, // syscall
      0xb8, 34, 0, 0, 0, // mov eax, pause
      0x0f, 0x05, // syscall
      0xeb, 0xf7, // jmp to the mov before
    ]);
    bytes.writeUInt32LE(action, 11);
    return bytes;
  };
  const length = text(0).length;
  return Buffer.concat([text(LOAD_ADDRESS + HEADERS_LENGTH + length), Buffer.from(IGNORE_ACTION)]);
}

/** rt_sigaction(SIGCHLD, &act, NULL, 8); for (;;) ppoll(NULL, 0, NULL, NULL, 0); arm64 has no pause(). */
function arm64Code(): Buffer {
  const move = (register: number, value: number): number => 0xd280_0000 + (value << 5) + register;
  const systemCall = 0xd400_0001;
  const loop = [move(8, 73), move(0, 0), move(1, 0), move(2, 0), move(3, 0), move(4, 0), systemCall];
  const start = [move(8, 134), move(0, 17), 0, move(2, 0), move(3, 8), systemCall];
  const wordsToAction = start.length + loop.length + 1;
  start[2] = 0x1000_0000 + ((wordsToAction - 2) << 5) + 1; // adr x1, act
  const back = 0x1400_0000 + (0x400_0000 - loop.length); // b to the start of the loop
  const words = [...start, ...loop, back];
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, at) => bytes.writeUInt32LE(word, at * 4));
  return Buffer.concat([bytes, Buffer.from(IGNORE_ACTION)]);
}

/** ELF header and one program header: the whole file is loaded, readable and executable. */
function writeHeaders(file: Buffer, machine: number): void {
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]); // 64 bits, little endian, version 1
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(machine, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS + HEADERS_LENGTH), 24);
  file.writeBigUInt64LE(64n, 32); // the program header follows at once
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // PT_LOAD
  file.writeUInt32LE(5, 68); // read and execute
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 80);
  file.writeBigUInt64LE(BigInt(LOAD_ADDRESS), 88);
  file.writeBigUInt64LE(BigInt(file.length), 96);
  file.writeBigUInt64LE(BigInt(file.length), 104);
  file.writeBigUInt64LE(0x1_0000n, 112);
}
