import type { V1CustomResourceDefinition } from '../../api/generated/types.ts';
import type { KubeObject } from '../../api/meta.ts';
import { FakeClock } from '../../process/fakeClock.ts';
import { Metrics } from '../../process/metrics.ts';
import { conversionsBy } from './conversion.ts';
import { ConversionMetrics } from './conversionMetrics.ts';

const definition = {
  metadata: { name: 'cranes.example.com' },
  spec: { group: 'example.com', versions: [{ name: 'v1', storage: true }, { name: 'v2' }], conversion: { strategy: 'Webhook', webhook: { conversionReviewVersions: ['v1'], clientConfig: {} } } },
} as unknown as V1CustomResourceDefinition;
const crane = (): KubeObject => ({ apiVersion: 'example.com/v1', kind: 'Crane', metadata: { name: 'c', uid: 'u', resourceVersion: '1', creationTimestamp: '' } });
const review = (convertedObjects: unknown[]): Record<string, unknown> => ({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', response: { uid: 'id', result: { status: 'Success' }, convertedObjects } });

test('each question to a conversion webhook counts, by what was wrong with the answer', async () => {
  const metrics = new Metrics();
  const answers: (Record<string, unknown> | undefined)[] = [review([{ ...crane(), apiVersion: 'example.com/v2' }]), undefined, {}, review([]), review([{ ...crane(), kind: 'Ship', apiVersion: 'example.com/v2' }])];
  const client = {
    async post(): Promise<Record<string, unknown>> {
      const answer = answers.shift();
      if (answer === undefined) throw new Error('connection refused');
      return answer;
    },
  };
  const { ahead } = conversionsBy({ client, uid: () => 'id', clock: new FakeClock(), metrics: new ConversionMetrics(metrics) })(definition, 'v2');
  const outcomes: string[] = [];
  for (let round = 0; round < 5; round += 1) await Promise.resolve(ahead!.fromStorage([crane()])).then(() => outcomes.push('converted'), () => outcomes.push('failed'));
  expect(outcomes).toEqual(['converted', 'failed', 'failed', 'failed', 'failed']);
  const lines = (await metrics.text()).split('\n').filter((line) => /_total\{|crd_conversion_webhook_duration_seconds_count/.test(line));
  expect(lines).toEqual([
    'apiserver_conversion_webhook_request_total{result="success",failure_type=""} 1',
    ...['call', 'malformed_response', 'partial_response', 'invalid_converted_object'].map((kind) => `apiserver_conversion_webhook_request_total{result="failure",failure_type="conversion_webhook_${kind}_failure"} 1`),
    'apiserver_crd_conversion_webhook_duration_seconds_count{crd_name="cranes.example.com",from_version="v1",to_version="v2",succeeded="true"} 1',
    'apiserver_crd_conversion_webhook_duration_seconds_count{crd_name="cranes.example.com",from_version="v1",to_version="v2",succeeded="false"} 4',
  ]);
});
