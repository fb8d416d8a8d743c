import { loadSchema } from '../../api/schema/schema.ts';
import { readReview } from './readReview.ts';

const expected = { group: 'admission.k8s.io', version: 'v1', kind: 'AdmissionReview' };
const read = (body: string): unknown => readReview(loadSchema(), Buffer.from(body), expected);

describe('a review that comes back', () => {
  test('is JSON or YAML, without what no review has', () => {
    const review = { apiVersion: 'admission.k8s.io/v1', response: { uid: 'u', allowed: true } };
    expect(read('{"apiVersion":"admission.k8s.io/v1","more":1,"request":{"uid":"u"},"response":{"uid":"u","allowed":true,"more":[]}}')).toEqual({ ...review, request: {} });
    expect(read('apiVersion: admission.k8s.io/v1\nresponse: {uid: u, allowed: true}')).toEqual(review);
    expect(read(' ')).toEqual({});
  });

  test.each([
    ['{"response":{"warnings":[1]}}', 'json: cannot unmarshal number into Go struct field AdmissionResponse.response.warnings of type string'],
    ['{"response":{"status":{"code":"4"}}}', 'json: cannot unmarshal string into Go struct field Status.response.status.code of type int32'],
    ['{"response":{"uid":1}}', 'json: cannot unmarshal number into Go struct field AdmissionResponse.response.uid of type types.UID'],
    ['{"response":"no"}', 'json: cannot unmarshal string into Go struct field AdmissionReview.response of type v1.AdmissionResponse'],
    ['{"apiVersion":1}', "couldn't get version/kind; json parse error: json: cannot unmarshal number into Go struct field .apiVersion of type string"],
    ['{"apiVersion":"a/b/c"}', 'unexpected GroupVersion string: a/b/c'],
    ['{"apiVersion":"admission.k8s.io/v1beta1"}', 'converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion'],
    ['{"apiVersion":"v1","kind":"Status"}', 'converting (v1.Status) to (v1.AdmissionReview): unknown conversion'],
    ['{"kind":"Other"}', 'no kind "Other" is registered for version "admission.k8s.io/v1" in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"'],
    ['{"response":', "couldn't get version/kind; json parse error: unexpected end of JSON input"],
    ['{"response":{"status":{"code":1e999}}}', 'json: cannot unmarshal number 1e999 into Go value of type float64'],
  ])('is refused: %s', (body, message) => {
    expect(() => read(body)).toThrow(message);
  });
});
