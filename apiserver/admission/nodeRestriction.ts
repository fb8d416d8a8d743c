import { notFoundError } from '../../api/apiError.ts';
import type { AuthenticationV1TokenRequest, V1CSIDriver, V1CertificateSigningRequest, V1Node, V1PersistentVolumeClaim, V1Pod, V1ResourceSlice } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { semanticEqual } from '../../api/values/deepEqual.ts';
import { NAMESPACE_NODE_LEASE } from '../../api/wellKnown.ts';
import { parseSigningRequest, SigningRequestError } from '../../process/signingRequest.ts';
import { nodeIdentity } from '../authorization/node/nodeIdentity.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { forbiddenLabels, modifiedLabels } from './nodeLabels.ts';
import { whyNotMirrorPod } from './nodeMirrorPod.ts';
import { whyNotAudience } from './nodeTokenAudience.ts';
import { refusal } from './refusal.ts';
import type { StoredObjects } from './storedObjects.ts';

const NODE_USER_PREFIX = 'system:node:';
const NODE_SIGNERS: ReadonlySet<string> = new Set(['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']);
const PODS = { group: '', resource: 'pods' };
const NODES = { group: '', resource: 'nodes' };
const CSI_DRIVERS = { group: 'storage.k8s.io', resource: 'csidrivers' };

/** Why a request of a node is refused; undefined: it is not. Steps that must look at other objects are asynchronous. */
type Verdict = string | undefined;

/**
 * What a node writes is its own: its Node, Lease and CSINode, the status of its pods, their mirrors, and tokens for them. The
 * counterpart of the Node authorizer, which does not see the objects that are written.
 */
export class NodeRestriction implements AdmissionPlugin {
  readonly name = 'NodeRestriction';
  readonly #objects: StoredObjects;

  constructor(objects: StoredObjects) {
    this.#objects = objects;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const node = nodeIdentity(attributes.user);
    if (node === undefined) return;
    const why = node === '' ? `could not determine node from user ${JSON.stringify(attributes.user.name)}` : await this.#judge(node, attributes);
    if (why !== undefined) throw refusal(attributes, why);
  }

  #judge(node: string, attributes: AdmissionAttributes): Verdict | Promise<Verdict> {
    const { group, plural } = attributes.definition;
    switch (`${group}/${plural}`) {
      case '/pods':
        return this.#pod(node, attributes);
      case '/nodes':
        return judgeNode(node, attributes);
      case '/persistentvolumeclaims':
        return judgeClaim(node, attributes);
      case '/serviceaccounts':
        return this.#token(node, attributes);
      case 'coordination.k8s.io/leases':
        if (attributes.namespace !== NAMESPACE_NODE_LEASE) return `can only access leases in the ${JSON.stringify(NAMESPACE_NODE_LEASE)} system namespace`;
        return attributes.name === node ? undefined : 'can only access node lease with the same name as the requesting node';
      case 'storage.k8s.io/csinodes':
        return attributes.name === node ? undefined : 'can only access CSINode with the same name as the requesting node';
      case 'resource.k8s.io/resourceslices':
        return judgeSlice(node, attributes);
      case 'certificates.k8s.io/certificatesigningrequests':
        return judgeSigningRequest(attributes);
      default:
        return undefined;
    }
  }

  #pod(node: string, attributes: AdmissionAttributes): Verdict | Promise<Verdict> {
    const quoted = JSON.stringify(node);
    const { operation, subresource } = attributes;
    const previous = attributes.previous as V1Pod | undefined;
    switch (subresource) {
      case '':
        if (operation === 'CREATE') return this.#mirrorPod(node, attributes.object as IncomingObject<V1Pod>);
        if (operation !== 'DELETE') return `unexpected operation ${JSON.stringify(operation)}, node ${quoted} can only create and delete mirror pods`;
        return previous?.spec?.nodeName === node ? undefined : `node ${quoted} can only delete pods with spec.nodeName set to itself`;
      case 'status':
        if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`;
        return judgePodStatus(node, attributes.object as IncomingObject<V1Pod>, previous);
      case 'eviction':
        return this.#eviction(node, attributes);
      default:
        return `unexpected pod subresource ${JSON.stringify(subresource)}, only 'status' and 'eviction' are allowed`;
    }
  }

  async #mirrorPod(node: string, pod: IncomingObject<V1Pod>): Promise<Verdict> {
    const why = whyNotMirrorPod(node, pod);
    if (why !== undefined) return why;
    const key = objectKey(NODES, '', node);
    const own = await this.#objects.find(key);
    if (!own) throw notFoundError(NODES, node);
    const [owner] = pod.metadata.ownerReferences ?? [];
    return owner?.uid === own.metadata.uid ? undefined : `node ${node} UID mismatch: expected ${owner?.uid} got ${own.metadata.uid}`;
  }

  async #eviction(node: string, { operation, namespace, name }: AdmissionAttributes): Promise<Verdict> {
    if (operation !== 'CREATE') return `unexpected operation ${operation}`;
    const pod = await this.#podOf(namespace, name, node);
    return pod.spec?.nodeName === node ? undefined : `node ${node} can only evict pods with spec.nodeName set to itself`;
  }

  async #token(node: string, { operation, subresource, object, namespace }: AdmissionAttributes): Promise<Verdict> {
    if (operation !== 'CREATE' || subresource !== 'token') return undefined;
    const { spec } = object as IncomingObject<AuthenticationV1TokenRequest>;
    const bound = spec?.boundObjectRef;
    if (bound?.apiVersion !== 'v1' || bound.kind !== 'Pod' || !bound.name) return 'node requested token not bound to a pod';
    if (!bound.uid) return 'node requested token with a pod binding without a uid';
    const pod = await this.#podOf(namespace, bound.name, node, bound.uid);
    if (pod.metadata.uid !== bound.uid) return `the UID in the bound object reference (${bound.uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    if (pod.spec?.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node';
    return whyNotAudience(pod, spec?.audiences ?? [], (driver) => this.#objects.known(objectKey(CSI_DRIVERS, '', driver)) as V1CSIDriver | undefined);
  }

  /** The pod from memory where that says that it runs on the node; else as etcd has it. */
  async #podOf(namespace: string, name: string, node: string, uid?: string): Promise<V1Pod> {
    const key = objectKey(PODS, namespace, name);
    const known = this.#objects.known(key) as V1Pod | undefined;
    if (known?.spec?.nodeName === node && (uid === undefined || known.metadata.uid === uid)) return known;
    const stored = (await this.#objects.stored(key)) as V1Pod | undefined;
    if (!stored) throw notFoundError(PODS, name);
    return stored;
  }
}

function judgePodStatus(node: string, pod: IncomingObject<V1Pod>, previous: V1Pod | undefined): Verdict {
  const quoted = JSON.stringify(node);
  if (previous?.spec?.nodeName !== node) return `node ${quoted} can only update pod status for pods with spec.nodeName set to itself`;
  if (!semanticEqual(pod.metadata.labels ?? {}, previous.metadata.labels ?? {})) return `node ${quoted} cannot update labels through pod status`;
  if (!semanticEqual(pod.status?.resourceClaimStatuses ?? [], previous.status?.resourceClaimStatuses ?? [])) return `node ${quoted} cannot update resource claim statuses`;
  if (!semanticEqual(pod.status?.extendedResourceClaimStatus, previous.status?.extendedResourceClaimStatus)) return `node ${quoted} cannot update extended resource claim status`;
  return undefined;
}

function judgeNode(node: string, { operation, name, object, previous }: AdmissionAttributes): Verdict {
  const quoted = JSON.stringify(node);
  if (name !== node) return `node ${quoted} is not allowed to modify node ${JSON.stringify(name)}`;
  const now: IncomingObject<V1Node> | undefined = object;
  const before: V1Node | undefined = previous;
  if (operation === 'CREATE') {
    if (now?.spec?.configSource) return `node ${quoted} is not allowed to create pods with a non-nil configSource`;
    const refused = forbiddenLabels(modifiedLabels(now?.metadata.labels, undefined));
    return refused.length === 0 ? undefined : `node ${quoted} is not allowed to set the following labels: ${refused.join(', ')}`;
  }
  if (operation !== 'UPDATE') return undefined;
  if (now?.spec?.configSource && !semanticEqual(now.spec.configSource, before?.spec?.configSource)) return `node ${quoted} is not allowed to update configSource to a new non-nil configSource`;
  if (!semanticEqual(now?.spec?.taints ?? [], before?.spec?.taints ?? [])) return `node ${quoted} is not allowed to modify taints`;
  const refused = forbiddenLabels(modifiedLabels(now?.metadata.labels, before?.metadata.labels));
  if (refused.length > 0) return `is not allowed to modify labels: ${refused.join(', ')}`;
  return semanticEqual(now?.metadata.ownerReferences ?? [], before?.metadata.ownerReferences ?? []) ? undefined : `node ${quoted} is not allowed to modify ownerReferences`;
}

/** A kubelet that has grown a volume says so in its claim, and nothing else. */
function judgeClaim(node: string, { operation, subresource, object, previous }: AdmissionAttributes): Verdict {
  if (subresource !== 'status') return 'may only update PVC status';
  if (operation !== 'UPDATE') return `unexpected operation ${JSON.stringify(operation)}`;
  const rest = (claim: IncomingObject<V1PersistentVolumeClaim> | V1PersistentVolumeClaim): unknown => ({
    metadata: { ...claim.metadata, resourceVersion: undefined, managedFields: undefined },
    spec: claim.spec,
    status: { ...claim.status, capacity: undefined, conditions: undefined, allocatedResources: undefined, allocatedResourceStatuses: undefined },
  });
  const isSame = semanticEqual(rest(object as IncomingObject<V1PersistentVolumeClaim>), rest(previous as V1PersistentVolumeClaim));
  return isSame ? undefined : `node ${JSON.stringify(node)} is not allowed to update fields other than status.quantity and status.conditions`;
}

function judgeSlice(node: string, { operation, object, previous }: AdmissionAttributes): Verdict {
  if (operation === 'CREATE') return (object as IncomingObject<V1ResourceSlice>).spec?.nodeName === node ? undefined : 'can only create ResourceSlice with the same NodeName as the requesting node';
  if (operation !== 'DELETE') return undefined;
  return (previous as V1ResourceSlice).spec.nodeName === node ? undefined : 'can only delete ResourceSlice with the same NodeName as the requesting node';
}

/** A node asks in the name of no other node. */
function judgeSigningRequest({ operation, subresource, object, user }: AdmissionAttributes): Verdict {
  if (operation !== 'CREATE' || subresource !== '') return undefined;
  const { spec } = object as IncomingObject<V1CertificateSigningRequest>;
  if (!spec || !NODE_SIGNERS.has(spec.signerName)) return undefined;
  try {
    const { commonName } = parseSigningRequest(Buffer.from(spec.request, 'base64').toString('latin1'));
    return !commonName.startsWith(NODE_USER_PREFIX) || commonName === user.name ? undefined : `can only create a node CSR with CN=${user.name}`;
  } catch (error) {
    if (error instanceof SigningRequestError) return `unable to parse csr: ${error.message}`;
    throw error;
  }
}
