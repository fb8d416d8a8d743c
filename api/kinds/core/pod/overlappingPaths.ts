import type { V1Volume, V1VolumeProjection } from '../../../generated/types.ts';

/** Where a volume puts a file, and what the file comes from: empty where that is the volume itself. */
interface Place {
  readonly path: string;
  readonly source: string;
}

/** Files of one volume that stand in each other's way: one replaces another, or is where another needs a folder (`warningsForOverlappingVirtualPaths`). */
export function overlappingPathWarnings(volumes: readonly V1Volume[]): string[] {
  return volumes.flatMap(({ name, configMap, secret, downwardAPI, projected }) => {
    const told = (kind: string, places: readonly Place[]): string[] => overlaps(places).map((text) => `volume ${JSON.stringify(name)} (${kind}): overlapping paths: ${text}`);
    return [
      ...(configMap ? told(`ConfigMap ${JSON.stringify(configMap.name ?? '')}`, placesOf(configMap.items, '')) : []),
      ...(secret ? told(`Secret ${JSON.stringify(secret.secretName ?? '')}`, placesOf(secret.items, '')) : []),
      ...(downwardAPI ? told('DownwardAPI', placesOf(downwardAPI.items, '')) : []),
      ...(projected?.sources ?? []).filter((source) => Object.values(source).every((each) => each === undefined)).map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`),
      ...told('Projected', (projected?.sources ?? []).flatMap(projectedPlaces)),
    ];
  });
}

const placesOf = (items: readonly { readonly path: string }[] | undefined, source: string): Place[] => (items ?? []).map(({ path }) => ({ path, source }));

function projectedPlaces({ configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate }: V1VolumeProjection): Place[] {
  if (configMap?.items) return placesOf(configMap.items, `ConfigMap ${JSON.stringify(configMap.name ?? '')}`);
  if (secret?.items) return placesOf(secret.items, `Secret ${JSON.stringify(secret.name ?? '')}`);
  if (downwardAPI?.items) return placesOf(downwardAPI.items, 'DownwardAPI');
  if (serviceAccountToken) return placesOf([serviceAccountToken], 'ServiceAccountToken');
  if (clusterTrustBundle) return placesOf([clusterTrustBundle], `ClusterTrustBundle ${JSON.stringify(clusterTrustBundle.name ?? clusterTrustBundle.signerName ?? '')}`);
  const { certificateChainPath: chain = '', keyPath: key = '', credentialBundlePath: bundle = '' } = podCertificate ?? {};
  return [...placesOf([{ path: chain }], 'PodCertificate chain'), ...placesOf([{ path: key }], 'PodCertificate key'), ...placesOf([{ path: bundle }], 'PodCertificate credential bundle')];
}

/** Each place against those before it. */
function overlaps(places: readonly Place[]): string[] {
  const trimmed = places.filter(({ path }) => path).map(({ path, source }) => ({ path: path.replace(/\/+$/, ''), source }));
  return trimmed.flatMap((place, index) => trimmed.slice(0, index).filter((other) => isWithin(place, other) || isWithin(other, place)).map((other) => `${format(place)} with ${format(other)}`));
}

const isWithin = (inner: Place, outer: Place): boolean => `${inner.path}/`.startsWith(`${outer.path}/`);

const format = ({ path, source }: Place): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);
