import type { V1CertificateSigningRequest, V1CertificateSigningRequestSpec, V1CertificateSigningRequestStatus } from '../../generated/types.ts';
import { certificateSigningRequest } from './certificateSigningRequest.ts';

const metadata = { name: 'x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const request = Buffer.from('-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n').toString('base64');

const requestOf = (spec: Partial<V1CertificateSigningRequestSpec>, status: V1CertificateSigningRequestStatus = {}): V1CertificateSigningRequest => ({
  apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest', metadata, status: structuredClone(status),
  spec: structuredClone({ request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], ...spec }),
});
const texts = (errors: readonly { field: string; message: string }[] | undefined): string[] => (errors ?? []).map(({ field, message }) => `${field}: ${message}`);
const condition = (type: string, status = 'True'): { type: string; status: string } => ({ type, status });

describe('certificate signing request', () => {
  it('is in the name of whoever sent it', () => {
    const object = requestOf({ username: 'system:node:a', groups: ['system:masters'], uid: 'x', extra: { a: ['b'] } });
    certificateSigningRequest.prepareForCreate?.(object);
    expect(object.spec).not.toHaveProperty('username');
    certificateSigningRequest.recordRequester?.(object, { name: 'jane', groups: ['system:authenticated'] });
    expect(object.spec).toEqual({ request, signerName: 'kubernetes.io/kube-apiserver-client', usages: ['client auth'], username: 'jane', groups: ['system:authenticated'] });
  });
  it.each<[Partial<V1CertificateSigningRequestSpec>, string[]]>([
    [{}, []],
    [{ request: 'eA==' }, ['spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST']],
    [{ usages: [] }, ['spec.usages: Required value']],
    [{ usages: ['client auth', 'client auth'] }, ['spec.usages[1]: Duplicate value: "client auth"']],
    [{ signerName: 'x' }, ['spec.signerName: Invalid value: "x": must be a fully qualified domain and path of the form \'example.com/signer-name\'']],
    [{ signerName: 'x/y' }, ['spec.signerName: Invalid value: "x": should be a domain with at least two segments separated by dots']],
    [{ expirationSeconds: 60 }, ['spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)']],
  ])('%j', (spec, messages) => {
    expect(texts(certificateSigningRequest.validateCreate?.(requestOf(spec)))).toEqual(messages);
  });
  it('keeps a decision as it was when the status is updated, and stamps what is new', () => {
    const old = { ...condition('Approved'), message: 'kept', lastUpdateTime: 'a', lastTransitionTime: 'a' };
    const object = requestOf({}, { certificate: 'eA==', conditions: [{ ...condition('Approved'), message: 'other' }, condition('Failed')] });
    certificateSigningRequest.prepareForStatusUpdate?.(object, requestOf({}, { conditions: [old] }), 'now');
    expect(object.status?.conditions).toEqual([old, { ...condition('Failed'), lastUpdateTime: 'now', lastTransitionTime: 'now' }]);
  });
  it('keeps its certificate and its decision', () => {
    const previous = requestOf({}, { certificate: 'eA==', conditions: [condition('Approved')] });
    expect(texts(certificateSigningRequest.validateStatusUpdate?.(requestOf({}, { certificate: 'eQ==', conditions: [] }), previous))).toEqual([
      'status.certificate: Invalid value: "<certificate data>": must contain one or more CERTIFICATE PEM blocks',
      'status.conditions: Forbidden: updates may not remove a condition of type "Approved"',
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    ]);
  });
  it('is decided by way of approval only, and issued by way of the status only', () => {
    const decided = requestOf({}, { conditions: [condition('Approved')] });
    expect(texts(certificateSigningRequest.validateApproval?.(decided, requestOf({})))).toEqual([]);
    const refusal = ['status.conditions: Forbidden: updates may not add a condition of type "Approved"'];
    expect(texts(certificateSigningRequest.validateStatusUpdate?.(decided, requestOf({})))).toEqual(refusal);
    expect(texts(certificateSigningRequest.validateUpdate?.(decided, requestOf({})))).toEqual(refusal);
    expect(texts(certificateSigningRequest.validateStatusUpdate?.(requestOf({}, { conditions: [condition('Failed')] }), requestOf({})))).toEqual([]);
    expect(texts(certificateSigningRequest.validateApproval?.(requestOf({}, { conditions: [condition('Approved'), condition('Denied')] }), requestOf({})))).toEqual([
      'status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive',
    ]);
  });
  it('shows itself', () => {
    const object = requestOf({ username: 'jane', expirationSeconds: 3600 }, { certificate: 'eA==', conditions: [condition('Approved')] });
    expect(certificateSigningRequest.columns?.map((each) => each.value(object, Date.parse('2026-01-01T00:01:00Z')))).toEqual(['60s', 'kubernetes.io/kube-apiserver-client', 'jane', '60m', 'Approved,Issued']);
  });
});
