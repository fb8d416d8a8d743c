import { X509Certificate } from 'node:crypto';
// oxlint-disable-next-line import/no-unassigned-import
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { createAuthority, createSigningKey } from '../../process/certificates.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import { clientCertificate, servingCertificate } from './certificateSpecs.ts';
import { isStillValid } from './nodeIdentity.ts';

const requested = async (spec: Parameters<typeof newSigningRequest>[1]) => {
  const request = new x509.Pkcs10CertificateRequest(await newSigningRequest(createSigningKey().privateKey, spec));
  return { subject: request.subject, names: request.extensions.find((each) => each instanceof x509.SubjectAlternativeNameExtension)?.names.toJSON() };
};

test('the client certificate: who, for what, and no names', async () => {
  const spec = clientCertificate('n1', '/var/lib/kubelet/pki');
  expect(spec).toMatchObject({ file: '/var/lib/kubelet/pki/kubelet-client-current.pem', signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] });
  expect(await requested(spec)).toEqual({ subject: 'O=system:nodes, CN=system:node:n1', names: undefined });
});

test('the serving certificate: the name and the addresses of the node', async () => {
  const spec = servingCertificate('n1', ['192.0.2.7', '2001:db8::7'], '/pki');
  expect(spec).toMatchObject({ file: '/pki/kubelet-server-current.pem', signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] });
  const { subject, names } = await requested(spec);
  expect(subject).toBe('O=system:nodes, CN=system:node:n1');
  expect(names).toEqual([{ type: 'dns', value: 'n1' }, { type: 'ip', value: '192.0.2.7' }, { type: 'ip', value: expect.stringMatching(/^2001:0?db8:/) }]);
});

test('a kubeconfig is good for as long as its certificate is', async () => {
  const { certificate } = await createAuthority('someone', 1_700_000_000_000, 86_400_000);
  const end = Date.parse(new X509Certificate(certificate).validTo);
  expect(isStillValid({ servers: [], certificate }, end - 1)).toBe(true);
  expect(isStillValid({ servers: [], certificate }, end)).toBe(false);
  expect(isStillValid({ servers: [], certificateFile: '/nowhere/at-all.pem' }, 0)).toBe(false);
  expect(isStillValid({ servers: [], token: 'abcdef.0123456789abcdef' }, 0)).toBe(false);
});
