import { setAt } from './scale.ts';

test('a path that a definition names is one of fields, whatever they are called', () => {
  const object = { apiVersion: 'g/v1', kind: 'K', metadata: { name: 'a' } };
  for (const path of ['.spec.__proto__.replicas', '.spec.constructor.prototype.replicas', '.spec.a.replicas']) setAt(object, path, 3);
  expect(JSON.stringify((object as { spec?: unknown }).spec)).toBe('{"__proto__":{"replicas":3},"constructor":{"prototype":{"replicas":3}},"a":{"replicas":3}}');
  expect([({} as { replicas?: number }).replicas, Object.prototype.hasOwnProperty.call(Object.prototype, 'replicas')]).toEqual([undefined, false]);
});
