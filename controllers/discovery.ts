import type { V1APIGroupList, V1APIResourceList } from '../api/generated/types.ts';
import type { KubeClient, Resource } from '../client/types.ts';

/** A resource as the API server's discovery tells it. */
export interface DiscoveredResource extends Resource {
  readonly verbs: readonly string[];
}

export interface Discovery {
  /** Each resource once, in its group's preferred version; subresources are left out. */
  readonly resources: readonly DiscoveredResource[];
  /** Group versions that could not be asked (an aggregated API server that is down), and why. */
  readonly failures: readonly { readonly groupVersion: string; readonly why: string }[];
}

/** Asks which resources there are now: kinds come and go with custom resource definitions. */
export async function discover(client: KubeClient): Promise<Discovery> {
  const groups = await getJson<V1APIGroupList>(client, '/apis');
  const versions = [
    { group: '', version: 'v1', path: '/api/v1' },
    ...groups.groups.map((group) => {
      const version = group.preferredVersion?.version ?? group.versions[0]?.version ?? '';
      return { group: group.name, version, path: `/apis/${group.name}/${version}` };
    }),
  ];
  const answers = await Promise.allSettled(versions.map(({ path }) => getJson<V1APIResourceList>(client, path)));
  const failures: { readonly groupVersion: string; readonly why: string }[] = [];
  const resources = answers.flatMap((answer, at) => {
    const { group, version } = versions[at]!;
    if (answer.status === 'rejected') {
      failures.push({ groupVersion: `${group}/${version}`, why: String(answer.reason) });
      return [];
    }
    return answer.value.resources
      .filter((resource) => !resource.name.includes('/'))
      .map((resource) => ({ group, version, plural: resource.name, kind: resource.kind, namespaced: resource.namespaced, verbs: resource.verbs }));
  });
  return { resources, failures };
}

/** A document of the API server's; rejects where there is none. */
export async function getJson<T>(client: KubeClient, path: string): Promise<T> {
  const answer = await client.raw({ method: 'GET', path, headers: { Accept: 'application/json' } });
  if (answer.status !== 200) throw new Error(`GET ${path} was answered with ${answer.status}`);
  return JSON.parse(answer.body.toString()) as T;
}
