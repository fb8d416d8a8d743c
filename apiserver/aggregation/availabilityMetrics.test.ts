import type { V1APIService } from '../../api/generated/types.ts';
import { Metrics } from '../../process/metrics.ts';
import { PASSED, withVerdict } from './availability.ts';
import { AvailabilityMetrics } from './availabilityMetrics.ts';

test('an API service counts as unavailable when it turns so, and shows as such until it is back or gone', async () => {
  const metrics = new Metrics();
  const figures = new AvailabilityMetrics();
  const service: V1APIService = { apiVersion: 'apiregistration.k8s.io/v1', kind: 'APIService', metadata: { name: 'v1.a.example', uid: 'u', resourceVersion: '1', creationTimestamp: '' } };
  const well = withVerdict(service, PASSED, 't');
  const away = withVerdict(well, { status: 'False', reason: 'MissingEndpoints', message: '' }, 't');
  figures.observe(well, away);
  figures.register(metrics);
  figures.observe(service, well);
  const lines = async (): Promise<string[]> => (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(await lines()).toEqual(['aggregator_unavailable_apiservice{name="v1.a.example"} 0']);
  figures.observe(well, away);
  figures.observe(away, away);
  expect(await lines()).toEqual(['aggregator_unavailable_apiservice{name="v1.a.example"} 1', 'aggregator_unavailable_apiservice_total{name="v1.a.example",reason="MissingEndpoints"} 1']);
  figures.forget('v1.a.example');
  expect(await lines()).toEqual(['aggregator_unavailable_apiservice_total{name="v1.a.example",reason="MissingEndpoints"} 1']);
});
