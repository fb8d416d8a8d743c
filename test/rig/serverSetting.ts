import https from 'node:https';
import type { ApiServerConfig } from '../../apiserver/main.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { createAuthority, createSigningKey, issueCertificate, type KeyPair } from '../../process/certificates.ts';
import { PATIENT } from './etcd.ts';

/** What API servers of one cluster need, and clients of them. */
export interface ServerSetting {
  /** On loopback, at a port that is free. */
  readonly config: ApiServerConfig;
  readonly authority: KeyPair;
  readonly administrator: Omit<ClientConfig, 'servers'>;
  /** With the administrator's certificate. */
  readonly agent: https.Agent;
  /** Without any. */
  readonly stranger: https.Agent;
}

/** `name` is the administrator's. */
export async function serverSetting(etcdEndpoints: readonly string[], name = 'admin'): Promise<ServerSetting> {
  const authority = await createAuthority('kubernetes', Date.now());
  const server = await issueCertificate(authority, { commonName: 'kube-apiserver', usages: ['server'], names: ['localhost', '127.0.0.1'] }, Date.now());
  const client = await issueCertificate(authority, { commonName: name, organizations: ['system:masters'], usages: ['client'] }, Date.now());
  const config: ApiServerConfig = {
    bindAddress: '127.0.0.1',
    securePort: 0,
    // It is only told to clients; loopback may not stand in an EndpointSlice.
    advertiseAddress: '192.0.2.1',
    certificate: server.certificate,
    key: server.key,
    clientAuthority: authority.certificate,
    serviceAccountKey: createSigningKey().privateKey,
    etcd: { endpoints: etcdEndpoints, ...PATIENT },
    shutdownMilliseconds: 2_000,
  };
  const agent = new https.Agent({ keepAlive: true, ca: authority.certificate, cert: client.certificate, key: client.key, maxSockets: 64 });
  const administrator = { ca: authority.certificate, certificate: client.certificate, key: client.key };
  return { config, authority, administrator, agent, stranger: new https.Agent({ keepAlive: true, ca: authority.certificate }) };
}
