import type { V1PolicyRule } from '../../../api/generated/types.ts';
import { requiredValue } from '../../../api/values/fieldSelector.ts';
import { NAMESPACE_NODE_LEASE } from '../../../api/wellKnown.ts';
import type { AuthorizationAttributes, Decision, ImmediateAuthorizer, UserInfo } from '../../types.ts';
import { rulesAllow } from '../rbacRules.ts';
import type { ResolvedRules, RuleResolver } from '../ruleResolver.ts';
import { fieldRequirementsOf } from '../selectorRequirements.ts';
import type { GraphKind, NodeGraph } from './nodeGraph.ts';
import { nodeIdentity } from './nodeIdentity.ts';

const ALLOWED: Decision = { allowed: true, reason: '' };
const noOpinion = (reason = ''): Decision => ({ allowed: false, reason });

type Rule = (node: string, asked: AuthorizationAttributes) => Decision;

/**
 * Kubernetes' Node authorizer: a node reads what its own pods need, and writes what is its own. What the object of a write says is
 * looked at by the admission plugin NodeRestriction. Whatever is not subdivided is decided by the rules of `system:node`.
 */
export class NodeAuthorizer implements ImmediateAuthorizer, RuleResolver {
  readonly #graph: NodeGraph;
  readonly #rules: readonly V1PolicyRule[];
  readonly #byResource: ReadonlyMap<string, Rule>;

  /** `rules` are those of the ClusterRole `system:node`. */
  constructor(graph: NodeGraph, rules: readonly V1PolicyRule[]) {
    this.#graph = graph;
    this.#rules = rules;
    this.#byResource = new Map<string, Rule>([
      ['/secrets', (node, asked) => this.#readObject('secrets', node, asked)],
      ['/configmaps', (node, asked) => this.#readObject('configmaps', node, asked)],
      ['/persistentvolumeclaims', (node, asked) => (asked.subresource === 'status' ? this.#updateStatus('persistentvolumeclaims', node, asked) : this.#getObject('persistentvolumeclaims', node, asked))],
      ['/persistentvolumes', (node, asked) => this.#getObject('persistentvolumes', node, asked)],
      ['resource.k8s.io/resourceclaims', (node, asked) => this.#getObject('resourceclaims', node, asked)],
      ['storage.k8s.io/volumeattachments', (node, asked) => this.#getObject('volumeattachments', node, asked)],
      ['/serviceaccounts', (node, asked) => this.#createToken(node, asked)],
      ['coordination.k8s.io/leases', decideLease],
      ['storage.k8s.io/csinodes', decideCsiNode],
      ['resource.k8s.io/resourceslices', (node, asked) => this.#resourceSlice(node, asked)],
      ['/nodes', decideNode],
      ['/pods', (node, asked) => this.#pod(node, asked)],
    ]);
  }

  authorize(asked: AuthorizationAttributes): Decision {
    const node = nodeIdentity(asked.user);
    if (node === undefined) return noOpinion();
    if (node === '') return noOpinion(`unknown node for user ${JSON.stringify(asked.user.name)}`);
    const rule = asked.isResourceRequest ? this.#byResource.get(`${asked.group}/${asked.resource}`) : undefined;
    if (rule) return rule(node, asked);
    return rulesAllow(this.#rules, asked) ? ALLOWED : noOpinion();
  }

  /** What a node may do hangs on its pods: no list of rules says it all. */
  rulesFor(user: UserInfo): ResolvedRules {
    return nodeIdentity(user) === undefined ? { rules: [], errors: [] } : { rules: [], errors: ['node authorizer does not support user rule resolution'], incomplete: true };
  }

  /** Another API server may know of a pod already that this one has yet to hear of: `mayChange`. */
  #related(kind: GraphKind, node: string, { namespace, name }: AuthorizationAttributes): Decision {
    if (name === '') return noOpinion('No Object name found');
    if (this.#graph.isRelated(node, kind, namespace, name)) return ALLOWED;
    return { allowed: false, reason: `no relationship found between node '${node}' and this object`, mayChange: true };
  }

  #readObject(kind: GraphKind, node: string, asked: AuthorizationAttributes): Decision {
    if (!['get', 'list', 'watch'].includes(asked.verb)) return noOpinion('can only read resources of this type');
    if (asked.subresource !== '') return noOpinion('cannot read subresource');
    if (asked.namespace === '') return noOpinion('can only read namespaced object of this type');
    return this.#related(kind, node, asked);
  }

  #getObject(kind: GraphKind, node: string, asked: AuthorizationAttributes): Decision {
    if (asked.verb !== 'get' || asked.name === '') return noOpinion('can only get individual resources of this type');
    if (asked.subresource !== '') return noOpinion('cannot get subresource');
    return this.#related(kind, node, asked);
  }

  #updateStatus(kind: GraphKind, node: string, asked: AuthorizationAttributes): Decision {
    if (asked.verb !== 'update' && asked.verb !== 'patch') return noOpinion('can only get/update/patch this type');
    return this.#related(kind, node, asked);
  }

  #createToken(node: string, asked: AuthorizationAttributes): Decision {
    if (asked.verb === 'get' && asked.subresource === '') return this.#readObject('serviceaccounts', node, asked);
    if (asked.verb !== 'create' || asked.name === '') return noOpinion('can only create tokens for individual service accounts');
    if (asked.subresource !== 'token') return noOpinion('can only create token subresource of serviceaccount');
    return this.#related('serviceaccounts', node, asked);
  }

  #resourceSlice(node: string, asked: AuthorizationAttributes): Decision {
    if (asked.subresource !== '') return noOpinion('cannot authorize ResourceSlice subresources');
    switch (asked.verb) {
      case 'create':
        return ALLOWED;
      case 'get':
      case 'update':
      case 'patch':
      case 'delete':
        return this.#related('resourceslices', node, asked);
      case 'watch':
      case 'list':
      case 'deletecollection':
        return selects(asked, 'spec.nodeName', node) ? ALLOWED : noOpinion('can only list/watch/deletecollection resourceslices with nodeName field selector');
      default:
        return noOpinion('only the following verbs are allowed for a ResourceSlice: get, watch, list, create, update, patch, delete, deletecollection');
    }
  }

  #pod(node: string, asked: AuthorizationAttributes): Decision {
    const { verb, subresource } = asked;
    if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : noOpinion();
    if (subresource === 'eviction') return verb === 'create' ? ALLOWED : noOpinion();
    if (subresource !== '') return noOpinion();
    switch (verb) {
      case 'get':
        return this.#getObject('pods', node, asked);
      case 'list':
      case 'watch':
        if (selects(asked, 'spec.nodeName', node)) return ALLOWED;
        return asked.name === '' ? noOpinion('can only list/watch pods with spec.nodeName field selector') : this.#related('pods', node, asked);
      // Mirror pods, and pods of its own: NodeRestriction sees to that.
      case 'create':
      case 'delete':
        return ALLOWED;
      default:
        return noOpinion();
    }
  }
}

function decideLease(node: string, { verb, namespace, name }: AuthorizationAttributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return noOpinion('can only get, create, update, patch, or delete a node lease');
  if (namespace !== NAMESPACE_NODE_LEASE) return noOpinion(`can only access leases in the ${JSON.stringify(NAMESPACE_NODE_LEASE)} system namespace`);
  return verb === 'create' || name === node ? ALLOWED : noOpinion('can only access node lease with the same name as the requesting node');
}

function decideCsiNode(node: string, { verb, subresource, name }: AuthorizationAttributes): Decision {
  if (!['get', 'create', 'update', 'patch', 'delete'].includes(verb)) return noOpinion('can only get, create, update, patch, or delete a CSINode');
  if (subresource !== '') return noOpinion('cannot authorize CSINode subresources');
  return verb === 'create' || name === node ? ALLOWED : noOpinion('can only access CSINode with the same name as the requesting node');
}

/** Its own object, which may not exist yet; that a write is of its own object is for NodeRestriction to see. */
function decideNode(node: string, { verb, subresource, name }: AuthorizationAttributes): Decision {
  if (subresource === 'status') return verb === 'update' || verb === 'patch' ? ALLOWED : noOpinion();
  if (subresource !== '') return noOpinion();
  if (['create', 'update', 'patch'].includes(verb)) return ALLOWED;
  if (!['get', 'list', 'watch'].includes(verb)) return noOpinion();
  if (name === node) return ALLOWED;
  return noOpinion(name === '' ? `node '${node}' cannot read all nodes, only its own Node object` : `node '${node}' cannot read '${name}', only its own Node object`);
}

/** What cannot be read of a selector selects nothing here; the handler refuses it. */
function selects(asked: AuthorizationAttributes, field: string, value: string): boolean {
  return requiredValue(fieldRequirementsOf(asked).requirements, field) === value;
}
