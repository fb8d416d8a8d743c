import { ApiError } from '../../api/apiError.ts';
import { loadSchema } from '../../api/schema/schema.ts';
import { decodeBody, type DecodeTarget, type FieldValidation } from './decodeBody.ts';
import { fillZeroValues } from './zeroValues.ts';

const schema = loadSchema();
const POD: DecodeTarget = { group: '', version: 'v1', kind: 'Pod', model: 'V1Pod' };
const DEPLOYMENT: DecodeTarget = { group: 'apps', version: 'v1', kind: 'Deployment', model: 'V1Deployment' };
const SECRET: DecodeTarget = { group: '', version: 'v1', kind: 'Secret', model: 'V1Secret' };
const LEASE: DecodeTarget = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', model: 'V1Lease' };

function decode(body: unknown, target = POD, fieldValidation: FieldValidation = 'Strict', contentType = 'application/json') {
  return decodeBody(schema, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), contentType, target, fieldValidation);
}

function refusal(body: unknown, target = POD, fieldValidation: FieldValidation = 'Strict', contentType = 'application/json'): string {
  try {
    decode(body, target, fieldValidation, contentType);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('was not refused');
}

describe('decoding a body', () => {
  it('fills apiVersion and kind where they are absent', () => {
    expect(decode({ metadata: { name: 'a' } }).object).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } });
  });

  it('drops nulls and empty values as Go does, and keeps explicit ones', () => {
    const body = {
      metadata: { name: 'a', creationTimestamp: null, labels: {}, finalizers: [], annotations: { empty: '', none: null } },
      spec: { hostNetwork: false, terminationGracePeriodSeconds: 0, enableServiceLinks: false, nodeName: '', securityContext: {}, containers: [{ name: 'c', resources: {}, args: [''] }], volumes: [{ name: 'v', emptyDir: {} }] },
      status: {},
    };
    expect(decode(body).object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', annotations: { empty: '', none: '' } },
      spec: { terminationGracePeriodSeconds: 0, enableServiceLinks: false, securityContext: {}, containers: [{ name: 'c', resources: {}, args: [''] }], volumes: [{ name: 'v', emptyDir: {} }] },
      status: {},
    });
  });

  it('makes quantities, times and byte arrays canonical', () => {
    const pod = decode({ metadata: { creationTimestamp: '2026-01-02T03:04:05.678+01:00' }, spec: { containers: [{ name: 'a', resources: { limits: { cpu: 1.5, memory: '1024Mi' } } }] } }).object;
    expect(pod).toMatchObject({ metadata: { creationTimestamp: '2026-01-02T02:04:05Z' }, spec: { containers: [{ resources: { limits: { cpu: '1500m', memory: '1Gi' } } }] } });
    expect(decode({ spec: { renewTime: '2026-01-02T03:04:05.678901+01:00' } }, LEASE).object).toMatchObject({ spec: { renewTime: '2026-01-02T02:04:05.678901Z' } });
    expect(decode({ data: { a: 'YWJj\nZGVm', b: '' } }, SECRET).object).toMatchObject({ data: { a: 'YWJjZGVm', b: '' } });
  });
});

describe('unknown and duplicate fields', () => {
  const body = '{"spec":{"foo":1,"containers":[{"name":"a","image":"x","image":"y","bar":{}}],"nodeSelector":{"a":"b","a":"c"}},"baz":null}';
  it('are refused when validation is strict', () => {
    expect(refusal(body)).toBe(
      '400 Pod in version "v1" cannot be handled as a Pod: strict decoding error: unknown field "spec.foo", unknown field "spec.containers[0].bar", unknown field "baz", duplicate field "spec.containers[0].image", duplicate field "spec.nodeSelector.a"',
    );
  });
  it('are dropped with warnings, or silently', () => {
    const warned = decode(body, POD, 'Warn');
    expect(warned.warnings).toEqual(['unknown field "spec.foo"', 'unknown field "spec.containers[0].bar"', 'unknown field "baz"', 'duplicate field "spec.containers[0].image"', 'duplicate field "spec.nodeSelector.a"']);
    expect(warned.object).toMatchObject({ spec: { containers: [{ name: 'a', image: 'y' }], nodeSelector: { a: 'c' } } });
    expect(decode(body, POD, 'Ignore')).toEqual({ object: warned.object, warnings: [] });
  });
  it('are found in free-form maps by nobody: a __proto__ key is one as any other there, and unknown elsewhere', () => {
    const { object } = decode('{"metadata":{"labels":{"__proto__":"x","constructor":"y"}}}', POD, 'Strict');
    expect(JSON.stringify(object['metadata'])).toBe('{"labels":{"__proto__":"x","constructor":"y"}}');
    expect(refusal('{"__proto__":{"polluted":true}}')).toContain('unknown field "__proto__"');
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});

describe('wrong types are refused in the words of Go', () => {
  const introduction = '400 Pod in version "v1" cannot be handled as a Pod: ';
  it.each([
    [{ spec: { containers: 'a' } }, 'json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container'],
    [{ spec: 1 }, 'json: cannot unmarshal number into Go struct field Pod.spec of type v1.PodSpec'],
    [{ metadata: { name: 1 } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string'],
    [{ metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    [{ metadata: { labels: [] } }, 'json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string'],
    [{ spec: { restartPolicy: true } }, 'json: cannot unmarshal bool into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy'],
    [{ spec: { containers: [{ ports: [{ containerPort: '80' }] }] } }, 'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32'],
    [{ spec: { containers: [{ ports: [{ containerPort: 3e9 }] }] } }, 'json: cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32'],
    [{ spec: { priority: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field PodSpec.spec.priority of type int32'],
    [{ spec: { containers: [{ resources: { limits: { cpu: 'lots' } } }] } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
    [{ metadata: { creationTimestamp: 'now' } }, 'parsing time "now" as "2006-01-02T15:04:05Z07:00": cannot parse "now" as "2006"'],
    [{ metadata: { creationTimestamp: '2026-13-01T00:00:00Z' } }, 'parsing time "2026-13-01T00:00:00Z": month out of range'],
  ])('%j', (body, message) => {
    expect(refusal(body)).toBe(introduction + message);
  });
  it('names the kind and the version of the data', () => {
    expect(refusal({ spec: { replicas: '3' } }, DEPLOYMENT, 'Ignore')).toBe(
      '400 Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
    expect(refusal({ data: { a: '***' } }, SECRET)).toBe('400 Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 0');
  });
});

describe('bodies of another kind', () => {
  it('are refused', () => {
    expect(refusal({ apiVersion: 'apps/v1beta1', kind: 'Deployment' }, DEPLOYMENT)).toBe('400 the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)');
    expect(refusal({ apiVersion: 'v1', kind: 'Service' })).toBe('400 Service in version "v1" cannot be handled as a Pod: converting (v1.Service) to (core.Pod): unknown conversion');
    expect(refusal({ apiVersion: 'v1', kind: 'Foo' })).toBe('400 Foo in version "v1" cannot be handled as a Pod: no kind "Foo" is registered for version "v1" in scheme "pkg/api/legacyscheme/scheme.go:30"');
    expect(refusal({ kind: 5 })).toContain('json: cannot unmarshal number into Go struct field .kind of type string');
  });
});

describe('bodies that cannot be read', () => {
  it('are refused with their beginning', () => {
    expect(refusal('')).toBe("400 the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)");
    expect(refusal('{"a":')).toBe('400 the object provided is unrecognized (must be of type Pod): couldn\'t get version/kind; json parse error: unexpected end of JSON input ({"a":)');
    expect(refusal('hello')).toContain("invalid character 'h' looking for beginning of value (68656c6c6f)");
    expect(refusal('['.repeat(5000))).toContain('exceeded max depth');
    expect(refusal('{"spec":{"priority":9007199254740993}}')).toContain('number 9007199254740993 cannot be represented exactly');
  });
  it('are refused for their media type', () => {
    expect(refusal('{}', POD, 'Strict', 'text/plain')).toBe('415 the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf');
  });
});

describe('YAML', () => {
  const yaml = (text: string, fieldValidation: FieldValidation = 'Strict', target = POD) => decode(text, target, fieldValidation, 'application/yaml; charset=utf-8');
  it('is version 1.1: octal modes, yes and no, dates as strings', () => {
    const object = yaml('metadata: {name: a, annotations: {date: 2020-01-01, time: 1:30, quoted: "yes"}}\nspec:\n  hostNetwork: yes\n  volumes:\n  - name: v\n    secret: {defaultMode: 0644}\n').object;
    expect(object).toMatchObject({ metadata: { annotations: { date: '2020-01-01', time: '1:30', quoted: 'yes' } }, spec: { hostNetwork: true, volumes: [{ secret: { defaultMode: 420 } }] } });
  });
  it('resolves anchors and merges, but not bombs', () => {
    expect(yaml('metadata: {labels: &l {a: b}, annotations: {<<: *l, c: d}}').object).toMatchObject({ metadata: { annotations: { a: 'b', c: 'd' } } });
    const bomb = ['a: &a [x,x,x,x,x,x,x,x,x,x]', ...['b', 'c', 'd', 'e', 'f'].map((key, index) => `${key}: &${key} [${Array<string>(10).fill(`*${'abcdef'[index]}`).join(',')}]`)].join('\n');
    expect(refusal(bomb, POD, 'Ignore', 'application/yaml')).toContain('document contains excessive aliasing');
  });
  it('names duplicate keys by line', () => {
    expect(refusal('metadata:\n  name: a\n  name: b\n', POD, 'Strict', 'application/yaml')).toBe(
      '400 Pod in version "v1" cannot be handled as a Pod: strict decoding error: yaml: unmarshal errors:\n  line 3: key "name" already set in map',
    );
  });
  it('that nests without end is refused', () => {
    expect(refusal(`a: ${'['.repeat(20_000)}`, POD, 'Strict', 'application/yaml')).toContain('400 the object provided is unrecognized');
    expect(refusal(`${'- '.repeat(20_000)}a`, POD, 'Strict', 'application/yaml')).toContain('exceeded max depth');
    expect(refusal(`a: ${'['.repeat(2_000)}${']'.repeat(2_000)}`, POD, 'Strict', 'application/yaml')).toContain('exceeded max depth');
  });
  it('is refused where it is malformed or more than one document', () => {
    expect(refusal('a: [b', POD, 'Strict', 'application/yaml')).toContain("couldn't get version/kind; error converting YAML to JSON: yaml: line 1: ");
    // What stands behind the first document is not looked at.
    expect(yaml('metadata: {name: a}\n---\nkind: Other\n').object).toMatchObject({ metadata: { name: 'a' } });
  });
});

it('zero values that Kubernetes prints are filled in', () => {
  const { object } = decode({ metadata: { name: 'a' }, spec: { containers: [{ name: 'c' }] } });
  fillZeroValues(schema, schema.model('V1Pod'), object);
  expect(object).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'c', resources: {} }] }, status: {} });
});

it('times that are not set are null where Kubernetes\' type is no pointer, and stay away where it is one', () => {
  const { object } = decode({ metadata: { name: 'a' }, spec: { containers: [] }, status: { conditions: [{ type: 'Ready', status: 'True' }], startTime: null, containerStatuses: [{ name: 'c', state: { running: {} } }] } });
  fillZeroValues(schema, schema.model('V1Pod'), object);
  expect(object['status']).toMatchObject({ conditions: [{ type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: null }], containerStatuses: [{ state: { running: { startedAt: null } } }] });
  expect(object['status']).not.toHaveProperty('startTime');
  expect(object['metadata']).toEqual({ name: 'a' });
});
