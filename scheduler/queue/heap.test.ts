import { Heap } from './heap.ts';

test('gives the least first, whatever is replaced or taken out', () => {
  const heap = new Heap<{ id: string; value: number }>(
    ({ id }) => id,
    (left, right) => left.value < right.value,
  );
  for (const [at, value] of [5, 3, 8, 1, 9, 2].entries()) heap.push({ id: `i${at}`, value });
  heap.push({ id: 'i4', value: 0 });
  heap.delete('i3');
  expect(heap.get('i2')?.value).toBe(8);
  const values: number[] = [];
  for (let item = heap.pop(); item; item = heap.pop()) values.push(item.value);
  expect(values).toEqual([0, 2, 3, 5, 8]);
});
