import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { authorityServes, type CertificateRequest, createAuthority, createSigningKey, issueCertificate, type KeyPair, stillServes } from './certificates.ts';
import { kubeconfigText } from './kubeconfigText.ts';
import { writeWhole } from './writeWhole.ts';

/** Where the files go and which names the servers bear. */
export interface PkiOptions {
  /** `/etc/kubernetes`, or that below another root. */
  readonly kubernetesFolder: string;
  /** `/var/lib/kubelet`, or that below another root. */
  readonly kubeletFolder: string;
  readonly nodeName: string;
  /** The host's own addresses, by which others reach it; the first one is advertised. */
  readonly addresses: readonly string[];
  /** The first address of the service range (10.96.0.1). */
  readonly serviceAddress: string;
  readonly clusterDomain: string;
  /** As the clients on this machine reach the API server, e.g. `https://127.0.0.1:6443`. */
  readonly server: string;
  /** Whether etcd is somebody else's, who made its certificates. */
  readonly externalEtcd?: boolean;
  /** Extensions of the cluster in the components' kubeconfigs, by name; the administrator's has none. */
  readonly extensions?: Readonly<Record<string, unknown>>;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

interface Leaf extends CertificateRequest {
  /** Path below the pki folder, without `.crt` and `.key`. */
  readonly file: string;
  readonly authority: string;
}

interface Identity extends Omit<CertificateRequest, 'usages'> {
  /** The kubeconfig's file name and user. */
  readonly file: string;
}

const ETCD_AUTHORITY = 'etcd/ca';
const AUTHORITIES = { ca: 'kubernetes', [ETCD_AUTHORITY]: 'etcd-ca', 'front-proxy-ca': 'front-proxy-ca' } as const;

/** kubeadm's leaves, by kubeadm's names. */
function leaves({ nodeName, addresses, serviceAddress, clusterDomain }: PkiOptions): Leaf[] {
  const local = ['localhost', '127.0.0.1', '::1'];
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', `kubernetes.default.svc.${clusterDomain}`];
  const server = ['server', 'client'] as const;
  const client = ['client'] as const;
  return [
    { file: 'apiserver', authority: 'ca', commonName: 'kube-apiserver', usages: ['server'], names: [nodeName, ...service, ...local, serviceAddress, ...addresses] },
    { file: 'apiserver-kubelet-client', authority: 'ca', commonName: 'kube-apiserver-kubelet-client', organizations: ['kubeadm:cluster-admins'], usages: client },
    { file: 'apiserver-etcd-client', authority: 'etcd/ca', commonName: 'kube-apiserver-etcd-client', usages: client },
    { file: 'front-proxy-client', authority: 'front-proxy-ca', commonName: 'front-proxy-client', usages: client },
    { file: 'etcd/server', authority: 'etcd/ca', commonName: nodeName, usages: server, names: [nodeName, ...local, ...addresses] },
    { file: 'etcd/peer', authority: 'etcd/ca', commonName: nodeName, usages: server, names: [nodeName, ...local, ...addresses] },
    { file: 'etcd/healthcheck-client', authority: 'etcd/ca', commonName: 'kube-etcd-healthcheck-client', usages: client },
  ];
}

/** Who speaks to the API server from this machine. */
function identities(nodeName: string): Identity[] {
  return [
    { file: 'admin.conf', commonName: 'kubernetes-admin', organizations: ['system:masters'] },
    { file: 'controller-manager.conf', commonName: 'system:kube-controller-manager' },
    { file: 'scheduler.conf', commonName: 'system:kube-scheduler' },
    { file: 'kubelet.conf', commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] },
    { file: 'kube-proxy.conf', commonName: 'system:kube-proxy' },
    { file: 'dns.conf', commonName: 'gantry:dns' },
    { file: 'node-network.conf', commonName: 'gantry:node-network' },
  ];
}

/**
 * Makes the cluster's certificates, keys and kubeconfigs where they are missing, about to end, or for other names; gives the
 * files that it wrote. What serves is never touched. Files and modes are kubeadm's; keys and kubeconfigs are 0600.
 */
export async function ensurePki(options: PkiOptions): Promise<string[]> {
  const written: string[] = [];
  const pki = join(options.kubernetesFolder, 'pki');
  const write = (file: string, content: string, mode: number): void => {
    writeWhole(file, content, mode);
    written.push(file);
  };
  const writePair = (base: string, pair: KeyPair): void => {
    write(`${base}.key`, pair.key, 0o600);
    write(`${base}.crt`, pair.certificate, 0o644);
  };

  const authorities = new Map<string, KeyPair>();
  for (const [file, commonName] of Object.entries(AUTHORITIES)) {
    if (file === ETCD_AUTHORITY && options.externalEtcd) continue;
    const base = join(pki, file);
    let pair = readPair(base);
    if (pair && !authorityServes(pair, options.now)) throw new Error(`${base}.crt has ended or does not match its key; a new authority would make every certificate of the cluster void`);
    if (!pair) {
      pair = await createAuthority(commonName, options.now);
      writePair(base, pair);
    }
    authorities.set(file, pair);
  }
  const issue = async (base: string, authority: KeyPair, request: CertificateRequest): Promise<void> => {
    const present = readPair(base);
    if (!present || !stillServes(present, authority, request, options.now)) writePair(base, await issueCertificate(authority, request, options.now));
  };
  for (const { file, authority, ...request } of leaves(options)) if (authorities.has(authority)) await issue(join(pki, file), authorities.get(authority)!, request);

  const authority = authorities.get('ca')!;
  const { nodeName } = options;
  await issue(join(options.kubeletFolder, 'pki', 'kubelet'), authority, { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'], usages: ['server'], names: [nodeName, 'localhost', '127.0.0.1', ...options.addresses] });
  for (const { file, ...identity } of identities(nodeName)) {
    const path = join(options.kubernetesFolder, file);
    const request: CertificateRequest = { ...identity, usages: ['client'] };
    const present = existsSync(path) ? readKubeconfig(readFileSync(path, 'utf8')) : undefined;
    if (present && present.server === options.server && stillServes(present.pair, authority, request, options.now)) continue;
    write(path, kubeconfigText({ user: identity.commonName, server: options.server, authority: authority.certificate, credentials: { pair: await issueCertificate(authority, request, options.now) }, ...(file === 'admin.conf' ? {} : { extensions: options.extensions ?? {} }) }), 0o600);
  }
  if (!existsSync(join(pki, 'sa.key')) || !existsSync(join(pki, 'sa.pub'))) {
    const { privateKey, publicKey } = createSigningKey();
    write(join(pki, 'sa.key'), privateKey, 0o600);
    write(join(pki, 'sa.pub'), publicKey, 0o600);
  }
  return written;
}

function readPair(base: string): KeyPair | undefined {
  if (!existsSync(`${base}.crt`) || !existsSync(`${base}.key`)) return undefined;
  return { certificate: readFileSync(`${base}.crt`, 'utf8'), key: readFileSync(`${base}.key`, 'utf8') };
}

/** Reads what `kubeconfigText` made; undefined where the file is something else. */
function readKubeconfig(text: string): { readonly server: string; readonly pair: KeyPair } | undefined {
  if (!text.startsWith('{')) return undefined;
  const { clusters, users } = JSON.parse(text) as {
    clusters?: Array<{ cluster: { server: string } }>;
    users?: Array<{ user: Record<'client-certificate-data' | 'client-key-data', string> }>;
  };
  const cluster = clusters?.[0]?.cluster;
  const user = users?.[0]?.user;
  if (!cluster || !user) return undefined;
  const decode = (data: string): string => Buffer.from(data, 'base64').toString();
  return { server: cluster.server, pair: { certificate: decode(user['client-certificate-data']), key: decode(user['client-key-data']) } };
}
