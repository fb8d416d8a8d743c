import type { V1CertificateSigningRequest } from '../../api/generated/types.ts';
import { certificateSigningRequest } from '../../api/kinds/certificates/certificateSigningRequest.ts';
import { createSigningKey } from '../../process/certificates.ts';
import { newSigningRequest } from '../../process/newSigningRequest.ts';
import type { AdmissionAttributes, Authorizer } from '../types.ts';
import { CertificateApproval, CertificateSigning, CertificateSubjectRestriction } from './certificates.ts';

const SIGNER = 'example.com/lab';

const requestOf = (status: V1CertificateSigningRequest['status'], signerName = SIGNER, request = ''): V1CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata: { name: 'c', uid: 'u', resourceVersion: '1', creationTimestamp: '' }, spec: { request, signerName, usages: [] }, ...(status ? { status } : {}),
});

/** Allows one verb for one name among the signers. */
const allowing = (verb: string, name: string): Authorizer => ({ authorize: (asked) => (asked.resource === 'signers' && asked.verb === verb && asked.name === name ? { allowed: true, reason: '' } : { allowed: false, reason: '' }) });

const attributes = (operation: 'CREATE' | 'UPDATE', subresource: string, object: V1CertificateSigningRequest, previous?: V1CertificateSigningRequest): AdmissionAttributes => ({
  operation, definition: certificateSigningRequest, namespace: '', name: 'c', subresource, object, previous, user: { name: 'jane', groups: [] }, dryRun: false, warn: () => undefined,
});

test('who approves or denies holds the verb approve on the signer, or on its whole domain', async () => {
  const approval = attributes('UPDATE', 'approval', requestOf({}), requestOf({}));
  await expect(new CertificateApproval(allowing('sign', SIGNER)).validate(approval)).rejects.toMatchObject({
    code: 403, message: 'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to approve requests with signerName "example.com/lab"',
  });
  for (const name of [SIGNER, 'example.com/*']) await expect(new CertificateApproval(allowing('approve', name)).validate(approval)).resolves.toBeUndefined();
  await expect(new CertificateApproval(allowing('approve', 'example.com/other')).validate({ ...approval, object: requestOf({}, 'example.com/other') })).rejects.toMatchObject({ code: 403 });
  await expect(new CertificateApproval(allowing('', '')).validate({ ...approval, subresource: 'status' })).resolves.toBeUndefined();
});

test('who issues holds the verb sign; a status that stays the same needs none', async () => {
  const signing = attributes('UPDATE', 'status', requestOf({ certificate: 'eA==' }), requestOf({}));
  await expect(new CertificateSigning(allowing('approve', SIGNER)).validate(signing)).rejects.toMatchObject({
    message: 'certificatesigningrequests.certificates.k8s.io "c" is forbidden: user not permitted to sign requests with signerName "example.com/lab"',
  });
  await expect(new CertificateSigning(allowing('sign', 'example.com/*')).validate(signing)).resolves.toBeUndefined();
  await expect(new CertificateSigning(allowing('', '')).validate(attributes('UPDATE', 'status', requestOf({}), requestOf({})))).resolves.toBeUndefined();
});

test('no request for a client certificate names the group of those who may do everything', async () => {
  const pem = await newSigningRequest(createSigningKey().privateKey, { commonName: 'jane', organizations: ['a', 'system:masters'], names: [] });
  const request = Buffer.from(pem).toString('base64');
  const check = (signer: string, text = request): Promise<void> => new CertificateSubjectRestriction().validate(attributes('CREATE', '', requestOf(undefined, signer, text)));
  await expect(check('kubernetes.io/kube-apiserver-client')).rejects.toMatchObject({
    message: 'certificatesigningrequests.certificates.k8s.io "c" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
  });
  await expect(check(SIGNER)).resolves.toBeUndefined();
  await expect(check('kubernetes.io/kube-apiserver-client', 'eA==')).rejects.toMatchObject({ code: 403 });
});
