import type { Comparison } from '../oracle/comparison.ts';
import { RawExchange } from './rawExchange.ts';
import type { Pair } from './referenceServer.ts';
import { API_VERSION, DEFINITIONS, global, GLOBALS, local, LOCALS, put, withKinds } from './requestKinds.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PURGE'];

const GROUP_PATH = `/apis/${API_VERSION}`;

/**
 * Every form that a path may have, and some that none has. Not what kube-apiserver has before and behind this server: the aggregator answers for groups, and "404 page not found" stands
 * for what nobody serves, where the reference alone lists its paths.
 */
const PATHS = [
  '/apis/requests.example.com/v2',
  '/apis/requests.example.com/v3',
  '/apis/requests.example.com/v3/locals',
  '/apis/requests.example.com/v2/namespaces/default/locals',
  '/apis/missing.example.com',
  '/apis/missing.example.com/v1',
  '/apis/missing.example.com/v1/things',
  '/apis/missing.example.com/v1/namespaces/default/things/x',
  `${GROUP_PATH}/things`,
  `${GROUP_PATH}/things/x`,
  `${GROUP_PATH}/namespaces/default/things`,
  `${GROUP_PATH}/namespaces/default/things/x`,
  `${GROUP_PATH}/namespaces/default`,
  `${GROUP_PATH}/namespaces`,
  `${GROUP_PATH}/locals`,
  `${GROUP_PATH}/locals/a`,
  LOCALS,
  `${LOCALS}/`,
  `${LOCALS}/a`,
  `${LOCALS}/a/`,
  `${LOCALS}/missing`,
  `${LOCALS}/a/status`,
  `${LOCALS}/a/scale`,
  `${LOCALS}/a/other`,
  `${LOCALS}/a/status/more`,
  `${LOCALS}/missing/status`,
  `${LOCALS}/missing/scale`,
  `${LOCALS}/A_b`,
  GLOBALS,
  `${GLOBALS}/a`,
  `${GLOBALS}/a/status`,
  `${GROUP_PATH}/namespaces/default/globals`,
  `${GROUP_PATH}/namespaces/default/globals/a`,
  `${GROUP_PATH}/namespaces/missing/locals`,
  `${GROUP_PATH}/namespaces/missing/locals/a`,
  `${GROUP_PATH}//namespaces/default/locals`,
  `${GROUP_PATH}/namespaces//locals`,
  `${GROUP_PATH}/namespaces/default/locals//status`,
  `${GROUP_PATH}/namespaces/default/locals/../locals/a`,
  `${GROUP_PATH}/namespaces/default/locals/%61`,
  `${GROUP_PATH}/namespaces/default/locals/a%2Fstatus`,
  `${GROUP_PATH}/namespaces/default/locals/a%20b`,
  `${GROUP_PATH}/namespaces/default/local%73`,
  `${GROUP_PATH}/watch/namespaces/default/locals/missing/x/y`,
  DEFINITIONS,
  `${DEFINITIONS}/missing`,
  `${DEFINITIONS}/locals.requests.example.com/other`,
  `${DEFINITIONS}/`,
  '/apis/apiextensions.k8s.io/v1beta1',
  '/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions',
  '/apis/apiextensions.k8s.io/v1/namespaces/default/customresourcedefinitions',
  '/apis/apiextensions.k8s.io/v1/other',
  '/healthz',
  '/healthz/ping',
  '/healthz/etcd',
  '/livez',
  '/livez/ping',
  '/readyz/ping',
  '/readyz?exclude=etcd',
];

/** Every method on every form of a path. */
export async function comparePaths(pair: Pair): Promise<Comparison> {
  const exchange = new RawExchange(pair);
  await withKinds(pair);
  const reset = async (): Promise<void> => {
    for (const side of [pair.gantry, pair.kubernetes]) for (const path of [LOCALS, GLOBALS]) await side.request('DELETE', path);
    await put(pair, LOCALS, [local('a', { spec: { size: 1, replicas: 2 } })]);
    await put(pair, GLOBALS, [global('a')]);
  };
  for (const method of METHODS) {
    await reset();
    for (const path of PATHS) {
      // All definitions are not deleted, since others' are among them.
      if (path === DEFINITIONS && method === 'GET') continue;
      // Kubernetes stumbles over a scale without a kind, and names the line of its source.
      if (path.endsWith('/scale') && method === 'PUT') continue;
      if (method === 'DELETE' && path.startsWith(DEFINITIONS) && path.length < DEFINITIONS.length + 2) continue;
      await exchange.both({ method, path });
    }
  }
  return exchange.differences;
}
