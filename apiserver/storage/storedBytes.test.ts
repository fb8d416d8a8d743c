import { storedBytes } from './storedBytes.ts';

test('pieces do not overlap, whatever their size', () => {
  const pieces = [1, 100, 4000, 4097, 0, 4096, 16_384, 4096, 4096, 4096, 4096, 1_000_000, 5].map((length, at) => storedBytes(length).fill(at));
  for (const [at, piece] of pieces.entries()) expect(piece.every((byte) => byte === at)).toBe(true);
});

test('a piece holds at most the memory of a few others', () => {
  for (const length of [1, 500, 4096]) expect(storedBytes(length).buffer.byteLength).toBe(16 * 1024);
  expect(storedBytes(4097).buffer.byteLength).toBe(4097);
});
