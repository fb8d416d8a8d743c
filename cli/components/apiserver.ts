import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../apiserver/main.ts';
import { booleanFlag, durationFlag, FlagError, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
import { upkeepFigures } from '../certs/figures.ts';
import { defineComponent } from '../component.ts';
import { gantryVersion } from '../gantryVersion.ts';

export const apiserver = defineComponent({
  name: 'apiserver',
  summary: 'serves the Kubernetes API from etcd',
  flags: {
    'etcd-servers': listFlag([], "URLs of etcd's members; unless given, the etcd of the cluster"),
    'etcd-cafile': stringFlag('', "authority of etcd's certificates"),
    'etcd-certfile': stringFlag('', "the API server's certificate for etcd"),
    'etcd-keyfile': stringFlag('', 'its key'),
    'bind-address': stringFlag('0.0.0.0', 'address to listen on'),
    'secure-port': integerFlag(0, 'port to listen on; 0: 6443, or that of --port-base'),
    'advertise-address': stringFlag('', "address that clients are told; unless given, the node's"),
    'tls-cert-file': stringFlag('', 'certificate of the server'),
    'tls-private-key-file': stringFlag('', 'its key'),
    'client-ca-file': stringFlag('', "authorities of clients' certificates"),
    'kubelet-client-certificate': stringFlag('', "the API server's certificate for kubelets"),
    'kubelet-client-key': stringFlag('', 'its key'),
    'kubelet-certificate-authority': stringFlag('', "authority of the kubelets' certificates"),
    'service-account-signing-key-file': stringFlag('', 'key that signs the tokens of ServiceAccounts; unless given, sa.key of the cluster'),
    'service-account-issuer': stringFlag('', 'who the tokens say that they are from; unless given, the Service kubernetes in the cluster domain'),
    'token-auth-file': stringFlag('', 'file of lines token,user,uid,"group1,group2"; who shows such a token is that user'),
    'anonymous-auth': booleanFlag(true, 'whether requests without credentials are served, as system:anonymous'),
    'service-node-port-range': stringFlag('30000-32767', 'ports that Services may have on the nodes'),
    'max-requests-inflight': integerFlag(400, 'how many reading requests are served at a time'),
    'max-mutating-requests-inflight': integerFlag(200, 'how many writing requests are served at a time'),
    'event-ttl': durationFlag(3_600_000, 'how long events are kept'),
  },
  start(values, { paths, ports, nodeAddress, serviceCIDR, clusterDomain }, context) {
    const pem = (given: string, file: string): string => readFileSync(given || join(paths.pki, file), 'utf8');
    const endpoints = values['etcd-servers'].length > 0 ? values['etcd-servers'] : [`https://127.0.0.1:${ports.etcdClient}`];
    const tls = { ca: pem(values['etcd-cafile'], 'etcd/ca.crt'), cert: pem(values['etcd-certfile'], 'apiserver-etcd-client.crt'), key: pem(values['etcd-keyfile'], 'apiserver-etcd-client.key') };
    return start(
      {
        bindAddress: values['bind-address'],
        securePort: values['secure-port'] || ports.apiserver,
        advertiseAddress: values['advertise-address'] || nodeAddress,
        certificate: pem(values['tls-cert-file'], 'apiserver.crt'),
        key: pem(values['tls-private-key-file'], 'apiserver.key'),
        clientAuthority: pem(values['client-ca-file'], 'ca.crt'),
        etcd: { endpoints, ...(endpoints.every((each) => each.startsWith('http:')) ? {} : { tls }) },
        kubeletClient: { certificate: pem(values['kubelet-client-certificate'], 'apiserver-kubelet-client.crt'), key: pem(values['kubelet-client-key'], 'apiserver-kubelet-client.key'), authority: pem(values['kubelet-certificate-authority'], 'ca.crt') },
        gantryVersion,
        figures: (metrics) => upkeepFigures(metrics, paths, context),
        serviceAccountKey: pem(values['service-account-signing-key-file'], 'sa.key'),
        serviceAccountIssuer: values['service-account-issuer'] || `https://kubernetes.default.svc.${clusterDomain}`,
        anonymousAuth: values['anonymous-auth'],
        ...(values['token-auth-file'] === '' ? {} : { tokenAuthFile: readFileSync(values['token-auth-file'], 'utf8') }),
        serviceClusterIPRange: serviceCIDR,
        serviceNodePorts: portRange(values['service-node-port-range']),
        maxRequestsInFlight: values['max-requests-inflight'],
        maxMutatingRequestsInFlight: values['max-mutating-requests-inflight'],
        eventTtlSeconds: values['event-ttl'] / 1000,
      },
      context,
    );
  },
});

function portRange(text: string): { readonly first: number; readonly last: number } {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (!first || Number(first) > Number(last) || Number(last) > 65_535) throw new FlagError(`invalid argument for "--service-node-port-range": "${text}" is not a range such as 30000-32767`);
  return { first: Number(first), last: Number(last) };
}
