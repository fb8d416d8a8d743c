import type { seededRandom } from '../../../api/schema/seededRandom.ts';
import { parseRequestInfo } from '../../../apiserver/request/requestInfo.ts';
import { attempt, type Comparison, Differences } from './comparison.ts';
import type { Oracle } from './oracle.ts';

type Random = ReturnType<typeof seededRandom>;

/** `RequestInfo` of `apiserver/pkg/endpoints/request`. */
interface Info {
  readonly IsResourceRequest: boolean;
  readonly Path: string;
  readonly Verb: string;
  readonly APIGroup: string;
  readonly APIVersion: string;
  readonly Namespace: string;
  readonly Resource: string;
  readonly Subresource: string;
  readonly Name: string;
  readonly FieldSelector: string;
  readonly LabelSelector: string;
}

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'get', 'WATCH'];
const ROOTS = ['api/v1', 'api/v1', 'apis/apps/v1', 'apis/apps/v1', 'apis', 'api', 'healthz', '', 'apis/a', 'api/v1/watch', 'api/v1/proxy', 'apis/apps/v1/watch', '/api/v1'];
const PARTS = ['namespaces', 'namespaces', 'default', 'pods', 'deployments', 'web', 'status', 'finalize', 'scale', 'log', 'proxy', 'watch', 'a%2Fb', 'a%20b', 'serviceaccounts', 'token', '', 'x:y', 'bindings', 'token'];
const WATCHES = ['true', 'false', '0', '1', 'f', 'F', 'FALSE', 'no', ''];
const SELECTORS = ['metadata.name%3Dweb', 'metadata.name%3D%3Dweb', 'metadata.name!%3Dweb', 'metadata.name%3Dweb,a%3Db', 'a%3Db', 'metadata.name%3Da%2Fb', 'metadata.name%3D..', 'metadata.name', 'metadata.name%3D', 'metadata.name%3D%5C%2Cx', 'metadata.name%3Da,metadata.name%3Db'];
const PARAMETERS = ['pretty=true', 'limit=5', 'limit=x', 'limit=0', 'limit=-1', 'resourceVersion=0', 'resourceVersion=7', 'resourceVersionMatch=Exact', 'resourceVersionMatch=NotOlderThan', 'continue=abc', 'timeoutSeconds=x', 'labelSelector=a%3Db', 'labelSelector=!!', 'sendInitialEvents=true', 'sendInitialEvents=false', 'watch'];

/** A method and a target, mostly of resources. */
export function randomTarget(random: Random): { readonly method: string; readonly url: string } {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const parts = Array.from({ length: Math.floor(random() * 6) }, () => pick(PARTS));
  const query = [
    ...(random() < 0.3 ? [`watch=${pick(WATCHES)}`] : []),
    ...(random() < 0.3 ? [`fieldSelector=${pick(SELECTORS)}`] : []),
    ...Array.from({ length: Math.floor(random() * 3) }, () => pick(PARAMETERS)),
  ];
  return { method: pick(METHODS), url: `/${[pick(ROOTS), ...parts].join('/')}${query.length === 0 ? '' : `?${query.join('&')}`}` };
}

/** What is read from a request's method and target. */
export async function compareRequestInfos(oracle: Oracle, random: Random, rounds: number): Promise<Comparison> {
  const found = new Differences();
  for (let round = 0; round < rounds; round += 1) {
    const target = randomTarget(random);
    const { value, error } = await oracle.ask<Info>('requestInfo', { input: target });
    const [path = '', query = ''] = target.url.split('?');
    const ours = attempt(() => {
      const { isResourceRequest, path: _, verb, group, version, namespace, resource, subresource, name, fieldSelector = '', labelSelector = '' } = parseRequestInfo(target.method, path, new URLSearchParams(query));
      return JSON.stringify([isResourceRequest, verb, group, version, namespace, resource, subresource, name, fieldSelector, labelSelector]);
    });
    // The query is written anew where Gantry names it.
    const pathOf = (fault: string): string => fault.replace(/\?.*/, '');
    const theirs = value && [value.IsResourceRequest, value.Verb, value.APIGroup, value.APIVersion, value.Namespace, value.Resource, value.Subresource, value.Name, value.FieldSelector, value.LabelSelector];
    found.compare(target, theirs ? ours : pathOf(ours), theirs ? JSON.stringify(theirs) : pathOf(`error: failed to create RequestInfo: ${error}`));
  }
  return found;
}
