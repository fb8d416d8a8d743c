import type { FuzzCase } from './fuzzCase.ts';
import { minimise } from './minimise.ts';

const found: FuzzCase = {
  calls: [
    { method: 'GET', path: '/a' },
    { method: 'POST', path: '/b', headers: { x: 'y' }, body: { metadata: { name: 'x' }, spec: { list: [1, { wrong: 'a long text with NEEDLE in it' }, 3], other: {} } } },
  ],
  replies: { r: { body: 'x' } },
};

it('leaves what the fault needs, and nothing else', async () => {
  let asked = 0;
  const smallest = await minimise(found, async (smaller) => (asked += 1) > 0 && JSON.stringify(smaller).includes('NEEDLE'), 500);
  expect(smallest).toEqual({ calls: [{ method: 'POST', path: '/b', body: { spec: { list: [{ wrong: 'th NEEDLE in it' }] } } }] });
  expect(asked).toBeLessThan(100);
});

it('asks no more often than it may, and changes nothing that it was given', async () => {
  const before = JSON.stringify(found);
  let asked = 0;
  await minimise(found, async () => (asked += 1) > 0, 3);
  expect([asked, JSON.stringify(found)]).toEqual([3, before]);
});
