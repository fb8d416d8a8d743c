import { NAMESPACE_DEFAULT, NAMESPACE_SYSTEM } from '../../api/wellKnown.ts';
import type { V1CertificateSigningRequest, V1Node } from '../../api/generated/types.ts';
import { CertificateSigningRequests, ConfigMaps, EndpointSlices, Nodes } from '../../client/resources.ts';
import { parseSigningRequest } from '../../process/signingRequest.ts';
import { type Controller, seen } from '../controller.ts';
import { ignoreReasons } from '../expectedErrors.ts';
import { isNodeCertificate, requestingNode, whyNotForNode } from './nodeCertificates.ts';
import { isPending, requestPem, withCondition } from './requestState.ts';

const CLUSTER_CONFIG_MAP = 'gantry-config';
const BY_NODE = 'node';

/**
 * Approves what Kubernetes leaves to administrators or add-ons: certificates of kubelets' servers, and the client certificates of
 * the components beside a kubelet. `--controllers=*,-node-certificate-approving-controller` leaves that to others again. Key: the request.
 */
export const nodeCertificateApprovingController: Controller = {
  name: 'node-certificate-approving-controller',
  serviceAccount: 'certificate-controller',
  workers: 5,
  setup({ client, informers, clock, logger, settings }, queue) {
    const requests = informers.informer(CertificateSigningRequests);
    const nodes = informers.informer(Nodes);
    requests.addIndex(BY_NODE, (request) => (isNodeCertificate(request) && isPending(request) ? [requestingNode(request)!] : []));
    requests.addHandler({ added: ({ metadata }) => queue.add(metadata.name), updated: (_, { metadata }) => queue.add(metadata.name) });
    // A node may ask for its certificate before it has told its addresses.
    const onNode = (name: string): void => requests.byIndex(BY_NODE, name).forEach(({ metadata }) => queue.add(metadata.name));
    nodes.addHandler({
      added: ({ metadata }) => onNode(metadata.name),
      updated: (previous, node) => {
        if (identity(previous) !== identity(node)) onNode(node.metadata.name);
      },
      // Its address may be another's now.
      deleted: () => requests.list().filter((request) => isNodeCertificate(request) && isPending(request)).forEach(({ metadata }) => queue.add(metadata.name)),
    });

    return async (name) => {
      const request = requests.get(name);
      if (request === undefined || !isPending(request) || !isNodeCertificate(request)) return;
      const refusal = await whyNot(request);
      if (refusal !== undefined) {
        logger.info('a node\'s request for a certificate is left to an administrator', { request: name, requestor: request.spec.username, signer: request.spec.signerName, reason: refusal });
        return;
      }
      const approved = withCondition(request, 'Approved', 'AutoApproved', 'Auto approving a certificate of a node for its own name and addresses, or for a component that runs on it.', clock.now());
      const written = await ignoreReasons(['NotFound', 'Conflict'], () => client.updateSubresource(CertificateSigningRequests, approved, 'approval'));
      if (written) await seen(requests, [written]);
    };

    async function whyNot(request: V1CertificateSigningRequest): Promise<string | undefined> {
      const world = { nodes: nodes.list(), servers: await servers(), serviceCIDR: settings.serviceCIDR };
      return whyNotForNode(request, parseSigningRequest(requestPem(request)), requestingNode(request)!, world);
    }

    async function servers(): Promise<readonly string[]> {
      const slice = await ignoreReasons(['NotFound'], () => client.get(EndpointSlices, 'kubernetes', NAMESPACE_DEFAULT));
      const config = await ignoreReasons(['NotFound'], () => client.get(ConfigMaps, CLUSTER_CONFIG_MAP, NAMESPACE_SYSTEM));
      const endpoint = controlPlaneHost(config?.data?.ClusterConfiguration ?? '{}');
      return [...(slice?.endpoints ?? []).flatMap(({ addresses }) => addresses), ...(endpoint === undefined ? [] : [endpoint])];
    }
  },
};

/** What of a node the decision looks at. */
const identity = ({ metadata, status }: V1Node): string => JSON.stringify([status?.addresses, metadata.labels]);

/** The host of `controlPlaneEndpoint` (HOST:PORT) in a ClusterConfiguration, JSON. */
export function controlPlaneHost(configuration: string): string | undefined {
  const { controlPlaneEndpoint } = JSON.parse(configuration) as { controlPlaneEndpoint?: string };
  return controlPlaneEndpoint === undefined || controlPlaneEndpoint === '' ? undefined : controlPlaneEndpoint.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
