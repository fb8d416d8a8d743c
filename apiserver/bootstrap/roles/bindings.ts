import type { RbacV1Subject } from '../../../api/generated/types.ts';
import { controllerAccounts, controllerRole } from './controllerRoles.ts';

const RBAC = 'rbac.authorization.k8s.io';

/** A default binding, in short; it bears its role's name unless it has its own. */
export interface DefaultBinding {
  readonly name?: string;
  readonly role: string;
  /** `Role` of the binding's namespace instead of a ClusterRole. */
  readonly isRole?: boolean;
  readonly subjects: readonly RbacV1Subject[];
}

const group = (name: string): RbacV1Subject => ({ apiGroup: RBAC, kind: 'Group', name });
const user = (name: string): RbacV1Subject => ({ apiGroup: RBAC, kind: 'User', name });
const account = (name: string, namespace = 'kube-system'): RbacV1Subject => ({ kind: 'ServiceAccount', name, namespace });

const AUTHENTICATED = group('system:authenticated');
const NODES = group('system:nodes');
const JOINING = group('system:bootstrappers:kubeadm:default-node-token');

export const clusterBindings: readonly DefaultBinding[] = [
  { role: 'cluster-admin', subjects: [group('system:masters')] },
  { role: 'system:monitoring', subjects: [group('system:monitoring')] },
  { role: 'system:discovery', subjects: [AUTHENTICATED] },
  { role: 'system:basic-user', subjects: [AUTHENTICATED] },
  { role: 'system:public-info-viewer', subjects: [AUTHENTICATED, group('system:unauthenticated')] },
  { role: 'system:node-proxier', subjects: [user('system:kube-proxy')] },
  { role: 'system:kube-controller-manager', subjects: [user('system:kube-controller-manager')] },
  { role: 'system:kube-dns', subjects: [account('kube-dns')] },
  { role: 'system:kube-scheduler', subjects: [user('system:kube-scheduler')] },
  { role: 'system:volume-scheduler', subjects: [user('system:kube-scheduler')] },
  // Empty: the Node authorizer allows what a node needs, and no more.
  { role: 'system:node', subjects: [] },
  { role: 'system:service-account-issuer-discovery', subjects: [group('system:serviceaccounts')] },
  ...controllerAccounts.map((name) => ({ role: controllerRole(name), subjects: [account(name)] })),
  // As kubeadm binds them: administrators by certificate, and nodes that join with a token.
  { name: 'kubeadm:cluster-admins', role: 'cluster-admin', subjects: [group('kubeadm:cluster-admins')] },
  { name: 'kubeadm:kubelet-bootstrap', role: 'system:node-bootstrapper', subjects: [JOINING] },
  { name: 'kubeadm:node-autoapprove-bootstrap', role: 'system:certificates.k8s.io:certificatesigningrequests:nodeclient', subjects: [JOINING] },
  { name: 'kubeadm:node-autoapprove-certificate-rotation', role: 'system:certificates.k8s.io:certificatesigningrequests:selfnodeclient', subjects: [NODES] },
  { role: 'gantry:dns', subjects: [user('gantry:dns')] },
  { role: 'gantry:leaving-node', subjects: [NODES] },
  { role: 'gantry:node-network', subjects: [user('gantry:node-network')] },
  { role: 'kubeadm:get-nodes', subjects: [JOINING] },
  { role: 'gantry:node-certificate-approver', subjects: [account('certificate-controller')] },
];

export const namespaceBindings: Readonly<Record<string, readonly DefaultBinding[]>> = {
  'kube-system': [
    { name: 'system::extension-apiserver-authentication-reader', role: 'extension-apiserver-authentication-reader', isRole: true, subjects: [user('system:kube-controller-manager'), user('system:kube-scheduler')] },
    { role: 'system::leader-locking-kube-controller-manager', isRole: true, subjects: [user('system:kube-controller-manager'), account('kube-controller-manager')] },
    { role: 'system::leader-locking-kube-scheduler', isRole: true, subjects: [user('system:kube-scheduler'), account('kube-scheduler')] },
    { role: 'system:controller:bootstrap-signer', isRole: true, subjects: [account('bootstrap-signer')] },
    { role: 'system:controller:cloud-provider', isRole: true, subjects: [account('cloud-provider')] },
    { role: 'system:controller:token-cleaner', isRole: true, subjects: [account('token-cleaner')] },
    { role: 'gantry:dns', isRole: true, subjects: [user('gantry:dns')] },
    { role: 'gantry:nodes-config', isRole: true, subjects: [JOINING, NODES] },
    { role: 'gantry:node-subnets', isRole: true, subjects: [account('node-controller')] },
    { role: 'gantry:node-dns', isRole: true, subjects: [account('node-controller')] },
    { role: 'gantry:shared-certificates', isRole: true, subjects: [JOINING] },
  ],
  'kube-node-lease': [{ role: 'gantry:node-lease-reader', isRole: true, subjects: [account('node-controller')] }],
  'kube-public': [
    // As kubeadm's: the address and authority of the cluster, for whoever holds a token's hash.
    { role: 'kubeadm:bootstrap-signer-clusterinfo', isRole: true, subjects: [user('system:anonymous')] },
    { role: 'system:controller:bootstrap-signer', isRole: true, subjects: [account('bootstrap-signer')] },
  ],
};
