import type { V1Volume } from '../../../generated/types.ts';
import { overlappingPathWarnings } from './overlappingPaths.ts';

const items = (...paths: string[]): { key: string; path: string }[] => paths.map((path, index) => ({ key: `k${index}`, path }));
const token = { serviceAccountToken: { path: 'test' } };

test.each<[string, Omit<V1Volume, 'name'>, string[]]>([
  ['the same file twice', { configMap: { name: 'foo', items: items('test', 'test') } }, ['(ConfigMap "foo"): overlapping paths: "test" with "test"']],
  ['a file where a folder is needed', { configMap: { name: 'foo', items: items('test', 'test/app') } }, ['(ConfigMap "foo"): overlapping paths: "test/app" with "test"']],
  ['a folder where a file is', { secret: { secretName: 'foo', items: items('test/app', 'test') } }, ['(Secret "foo"): overlapping paths: "test" with "test/app"']],
  ['names that only begin alike', { secret: { secretName: 'foo', items: items('dir/path1', 'dir/path345', 'dir/path3') } }, []],
  ['a slash at the end', { downwardAPI: { items: [{ path: 'a/b/' }, { path: 'a/b' }] } }, ['(DownwardAPI): overlapping paths: "a/b" with "a/b"']],
  ['a token over a key', { projected: { sources: [{ configMap: { name: 'Test', items: items('test/file') } }, token] } }, ['(Projected): overlapping paths: "test" (ServiceAccountToken) with "test/file" (ConfigMap "Test")']],
  ['whole maps, whose keys nobody knows', { projected: { sources: [{ configMap: { name: 'Test' } }, token] } }, []],
  ['every source with every other', { projected: { sources: [{ clusterTrustBundle: { signerName: 'Test', path: 'test/test' } }, { downwardAPI: { items: [{ path: 'test' }] } }, { secret: { name: 'Test', items: items('test') } }, token] } }, [
    '(Projected): overlapping paths: "test" (DownwardAPI) with "test/test" (ClusterTrustBundle "Test")',
    '(Projected): overlapping paths: "test" (Secret "Test") with "test/test" (ClusterTrustBundle "Test")',
    '(Projected): overlapping paths: "test" (Secret "Test") with "test" (DownwardAPI)',
    '(Projected): overlapping paths: "test" (ServiceAccountToken) with "test/test" (ClusterTrustBundle "Test")',
    '(Projected): overlapping paths: "test" (ServiceAccountToken) with "test" (DownwardAPI)',
    '(Projected): overlapping paths: "test" (ServiceAccountToken) with "test" (Secret "Test")',
  ]],
  ['a certificate', { projected: { sources: [{ podCertificate: { signerName: 's', keyType: 'ED25519', keyPath: 'test', certificateChainPath: 'chain' } }, token] } }, ['(Projected): overlapping paths: "test" (ServiceAccountToken) with "test" (PodCertificate key)']],
  ['nothing', { projected: { sources: [{}] } }, ['(Projected) has no sources provided']],
])('%s', (_, source, texts) => {
  expect(overlappingPathWarnings([{ name: 'v', ...source }])).toEqual(texts.map((text) => `volume "v" ${text}`));
});
