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

/** More find no place in the header of an answer. */
const MOST_OVERLAPS = 1_000;

/** Each place against those before it. Sorted, what lies within a folder comes right behind it. */
function overlaps(places: readonly Place[]): string[] {
  const trimmed = places.filter(({ path }) => path).map(({ path, source }, index) => ({ path: path.replace(/\/+$/, ''), source, index }));
  const folderOf = ({ path }: Place): string => `${path}/`;
  const pairs: (readonly [later: (typeof trimmed)[number], earlier: (typeof trimmed)[number]])[] = [];
  const around: typeof trimmed = [];
  for (const place of trimmed.toSorted((a, b) => compareText(folderOf(a), folderOf(b)) || a.index - b.index)) {
    while (around.length > 0 && !folderOf(place).startsWith(folderOf(around.at(-1)!))) around.pop();
    for (const other of around) if (pairs.length < MOST_OVERLAPS) pairs.push(other.index < place.index ? [place, other] : [other, place]);
    if (pairs.length < MOST_OVERLAPS) around.push(place);
  }
  return pairs.sort(([a, b], [c, d]) => a.index - c.index || b.index - d.index).map(([later, earlier]) => `${format(later)} with ${format(earlier)}`);
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const format = ({ path, source }: Place): string => (source === '' ? JSON.stringify(path) : `${JSON.stringify(path)} (${source})`);
