import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { start } from '../../apiserver/main.ts';
import { durationFlag, integerFlag, listFlag, stringFlag } from '../../process/flags.ts';
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
    'max-requests-inflight': integerFlag(400, 'how many reading requests are served at a time'),
    'max-mutating-requests-inflight': integerFlag(200, 'how many writing requests are served at a time'),
    'event-ttl': durationFlag(3_600_000, 'how long events are kept'),
  },
  start(values, { paths, ports, nodeAddress }, context) {
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
        gantryVersion,
        maxRequestsInFlight: values['max-requests-inflight'],
        maxMutatingRequestsInFlight: values['max-mutating-requests-inflight'],
        eventTtlSeconds: values['event-ttl'] / 1000,
      },
      context,
    );
  },
});
