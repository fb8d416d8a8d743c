import { makeInfo } from '../testObjects.ts';

test('requests are read once; what asks for nothing counts with defaults when scored', () => {
  const info = makeInfo('p', { requests: { cpu: '250m', 'example.com/gpu': '2' } });
  expect(info.requests).toEqual({ milliCPU: 250, memory: 0, ephemeralStorage: 0, scalars: new Map([['example.com/gpu', 2]]) });
  expect(info.scoringRequests).toEqual({ milliCPU: 250, memory: 200 * 2 ** 20 });
});

test('terms without namespaces are about the own one, anti-affinity has negative weight', () => {
  const term = { labelSelector: { matchLabels: { app: 'x' } }, topologyKey: 'zone' };
  const info = makeInfo('p', {
    namespace: 'shop',
    affinity: {
      podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] },
      podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 7, podAffinityTerm: { ...term, namespaces: ['b', 'a'] } }] },
    },
  });
  expect([...info.requiredAffinity[0]!.namespaces]).toEqual(['shop']);
  expect(info.preferredAffinity[0]).toMatchObject({ weight: -7, term: { namespaces: new Set(['a', 'b']) } });
});
