import type { V1PodSpec } from '../../../generated/types.ts';
import { setPodDefaults, setPodSpecDefaults } from './podDefaults.ts';
import { setTemplateDefaults } from '../../workload.ts';

function defaulted(spec: V1PodSpec): V1PodSpec {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec };
  setPodDefaults(pod);
  return pod.spec;
}

describe('setPodDefaults', () => {
  it('fills in what a minimal pod leaves out', () => {
    expect(defaulted({ containers: [{ name: 'c', image: 'nginx', ports: [{ containerPort: 80 }] }] })).toEqual({
      containers: [
        {
          name: 'c', image: 'nginx', imagePullPolicy: 'Always', terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', resources: {},
          ports: [{ containerPort: 80, protocol: 'TCP' }],
        },
      ],
      dnsPolicy: 'ClusterFirst', enableServiceLinks: true, restartPolicy: 'Always', schedulerName: 'default-scheduler', securityContext: {}, terminationGracePeriodSeconds: 30,
    });
  });

  it('keeps what is given', () => {
    const spec = defaulted({ containers: [{ name: 'c', image: 'a', imagePullPolicy: 'Never' }], restartPolicy: 'Never', terminationGracePeriodSeconds: 0, enableServiceLinks: false });
    expect(spec).toMatchObject({ restartPolicy: 'Never', terminationGracePeriodSeconds: 0, enableServiceLinks: false, containers: [{ imagePullPolicy: 'Never' }] });
  });

  it('reads what is past as it is read now', () => {
    expect(defaulted({ containers: [], terminationGracePeriodSeconds: -5 }).terminationGracePeriodSeconds).toBe(1);
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { annotations: { 'pod.beta.kubernetes.io/init-containers': '[]', 'pod.alpha.kubernetes.io/init-container-statuses': '[]', other: 'x' } } };
    setPodDefaults(pod);
    expect(pod.metadata.annotations).toEqual({ other: 'x' });
    const template = { metadata: { annotations: { 'pod.alpha.kubernetes.io/init-containers': '[]' } }, spec: { containers: [], terminationGracePeriodSeconds: -5 } };
    setTemplateDefaults(template);
    expect(template).toMatchObject({ metadata: {}, spec: { terminationGracePeriodSeconds: -5 } });
    expect(template.metadata.annotations).toBeUndefined();
  });

  it('sets probes, handlers and references', () => {
    const [container] = defaulted({
      containers: [
        {
          name: 'c', image: 'a:1', livenessProbe: { httpGet: { port: 80 } }, readinessProbe: { grpc: { port: 1 }, periodSeconds: 5 }, lifecycle: { preStop: { httpGet: { port: 'x', path: '/p' } } },
          env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }, { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
        },
      ],
    }).containers;
    expect(container?.livenessProbe).toEqual({ httpGet: { port: 80, path: '/', scheme: 'HTTP' }, timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
    expect(container?.readinessProbe).toMatchObject({ grpc: { port: 1, service: '' }, periodSeconds: 5 });
    expect(container?.lifecycle?.preStop?.httpGet).toEqual({ port: 'x', path: '/p', scheme: 'HTTP' });
    expect(container?.env?.map((each) => each.valueFrom)).toEqual([{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }, { resourceFieldRef: { resource: 'limits.cpu', divisor: '0' } }]);
  });

  it('takes requests from limits and writes amounts canonically', () => {
    const spec = defaulted({ containers: [{ name: 'c', image: 'a', resources: { limits: { cpu: '1000m', memory: '1024Mi' }, requests: { cpu: '0.5' } } }] });
    expect(spec.containers[0]?.resources).toEqual({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '500m', memory: '1Gi' } });
  });

  it('says of the pod as a whole what its containers say together', () => {
    const container = { name: 'c', image: 'a', resources: { requests: { cpu: '1', 'ephemeral-storage': '1Gi', 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } } };
    const wholeOf = (resources: V1PodSpec['resources'], containers: V1PodSpec['containers'] = [container]): V1PodSpec['resources'] => defaulted({ resources, containers }).resources;
    expect(wholeOf({ limits: { memory: '1Gi' } })).toEqual({ limits: { memory: '1Gi', 'hugepages-2Mi': '2Mi' }, requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' } });
    expect(wholeOf({ requests: { memory: '1Gi' } })).toEqual({ limits: { 'hugepages-2Mi': '2Mi' }, requests: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' } });
    expect(wholeOf({ requests: { memory: '1Gi' } }, [{ name: 'c', image: 'a', resources: { requests: { cpu: '1' } } }])).toEqual({ requests: { memory: '1Gi' } });
    expect(wholeOf({})).toEqual({});
  });
  it('gives the ports of a pod on the host network their host port', () => {
    expect(defaulted({ hostNetwork: true, containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80 }] }] }).containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: 'TCP' }]);
  });

  it('sets volumes', () => {
    const { volumes } = defaulted({
      containers: [],
      volumes: [
        { name: 'e' }, { name: 'h', hostPath: { path: '/x' } }, { name: 's', secret: { secretName: 's' } }, { name: 'c', configMap: { name: 'c', defaultMode: 256 } },
        { name: 'p', projected: { sources: [{ serviceAccountToken: { path: 't' } }, { downwardAPI: { items: [{ path: 'n', fieldRef: { fieldPath: 'metadata.name' } }] } }] } },
      ],
    });
    expect(volumes).toEqual([
      { name: 'e', emptyDir: {} }, { name: 'h', hostPath: { path: '/x', type: '' } }, { name: 's', secret: { secretName: 's', defaultMode: 420 } }, { name: 'c', configMap: { name: 'c', defaultMode: 256 } },
      {
        name: 'p',
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { path: 't', expirationSeconds: 3600 } }, { downwardAPI: { items: [{ path: 'n', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.name' } }] } }],
        },
      },
    ]);
  });

  it('mirrors the service account under both names', () => {
    expect(defaulted({ containers: [], serviceAccount: 'x' })).toMatchObject({ serviceAccountName: 'x', serviceAccount: 'x' });
    expect(defaulted({ containers: [], serviceAccount: 'x', serviceAccountName: 'y' })).toMatchObject({ serviceAccountName: 'y', serviceAccount: 'y' });
  });

  it.each<[string, object, object, object]>([
    ['nothing is said of the pod', {}, { requests: { cpu: '50m' } }, {}],
    ['a limit, and what the containers ask for besides', { limits: { memory: '100Mi' } }, { requests: { cpu: '50m' } }, { limits: { memory: '100Mi' }, requests: { memory: '100Mi', cpu: '100m' } }],
    ['a request only', { requests: { cpu: '1' } }, { requests: { memory: '10Mi', 'example.com/gpu': '1' } }, { requests: { cpu: '1' } }],
    ['huge pages that are asked for', { requests: { 'hugepages-2Mi': '8Mi' } }, { limits: { 'hugepages-2Mi': '4Mi' } }, { requests: { 'hugepages-2Mi': '8Mi' } }],
    ['containers ask for less than the limit', { limits: { cpu: '2' } }, { requests: { cpu: '250m' } }, { limits: { cpu: '2' }, requests: { cpu: '500m' } }],
    ['huge pages of containers', { requests: { cpu: '1' } }, { limits: { 'hugepages-2Mi': '4Mi' } }, { limits: { 'hugepages-2Mi': '8Mi' }, requests: { cpu: '1', 'hugepages-2Mi': '8Mi' } }],
    ['huge pages of the pod', { limits: { 'hugepages-2Mi': '10Mi' } }, { limits: { 'hugepages-2Mi': '4Mi' } }, { limits: { 'hugepages-2Mi': '10Mi' }, requests: { 'hugepages-2Mi': '10Mi' } }],
  ])('resources of a pod as a whole: %s', (_, resources, ofContainer, expected) => {
    const container = (name: string): V1PodSpec['containers'][number] => ({ name, image: 'a', resources: structuredClone(ofContainer) });
    expect(defaulted({ resources, containers: [container('a'), container('b')] }).resources).toEqual(expected);
  });

  it('does nothing twice', () => {
    const once = defaulted({ containers: [{ name: 'c', image: 'a', resources: { limits: { cpu: '1' } } }], volumes: [{ name: 'v' }] });
    expect(defaulted(structuredClone(once))).toEqual(once);
  });
});

describe('setPodSpecDefaults', () => {
  it('leaves to the pod what a template must not have', () => {
    const spec: V1PodSpec = { hostNetwork: true, containers: [{ name: 'c', image: 'a', ports: [{ containerPort: 80 }], resources: { limits: { cpu: '1' } } }] };
    setPodSpecDefaults(spec);
    expect(spec.enableServiceLinks).toBeUndefined();
    expect(spec.containers[0]?.ports?.[0]?.hostPort).toBeUndefined();
    expect(spec.containers[0]?.resources?.requests).toBeUndefined();
  });
});
