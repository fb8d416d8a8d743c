import { goTypeName } from './model.ts';
import { loadSchema } from './schema.ts';

const schema = loadSchema();

describe('the generated schema', () => {
  it('knows every stable kind by its model, its definition and its kind', () => {
    const pod = schema.model('V1Pod');
    expect(pod.definition).toBe('io.k8s.api.core.v1.Pod');
    expect(goTypeName(pod)).toBe('v1.Pod');
    expect(schema.byDefinition('io.k8s.api.core.v1.Pod')).toBe(pod);
    expect(schema.byKind('', 'v1', 'Pod')).toBe(pod);
    expect(schema.byKind('events.k8s.io', 'v1', 'Event')?.name).toBe('EventsV1Event');
    expect(schema.byKind('', 'v1', 'Status')?.name).toBe('V1Status');
    expect(schema.byKind('apiregistration.k8s.io', 'v1', 'APIService')?.definition).toBe('io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService');
    expect(schema.byKind('apiextensions.k8s.io', 'v1', 'CustomResourceDefinition')).toBeDefined();
  });

  it('does not take a reference to an object for an object', () => {
    expect(schema.model('V1ObjectReference').groupVersionKind).toBeUndefined();
    expect(schema.model('V1OwnerReference').groupVersionKind).toBeUndefined();
  });

  it('carries merge keys, list types, enums and defaults', () => {
    expect(schema.property('V1Pod', 'spec.containers')).toMatchObject({ patchStrategy: 'merge', patchMergeKey: 'name', listType: 'map', listMapKeys: ['name'] });
    expect(schema.property('V1Deployment', 'spec.template.spec.containers.ports')).toMatchObject({ patchMergeKey: 'containerPort', listMapKeys: ['containerPort', 'protocol'] });
    expect(schema.property('V1Pod', 'spec.volumes')?.patchStrategy).toBe('merge,retainKeys');
    expect(schema.property('V1Pod', 'spec.containers.ports.protocol')).toMatchObject({ enum: ['SCTP', 'TCP', 'UDP'], default: 'TCP' });
    expect(schema.property('V1Pod', 'metadata.finalizers')).toMatchObject({ patchStrategy: 'merge', listType: 'set' });
    expect(schema.model('V1LabelSelector').structType).toBe('atomic');
  });

  it('tells the types of values apart', () => {
    expect(schema.property('V1Pod', 'spec.containers.resources.limits')?.type).toEqual({ kind: 'map', values: { kind: 'quantity' } });
    expect(schema.property('V1Service', 'spec.ports.targetPort')?.type).toEqual({ kind: 'intOrString' });
    expect(schema.property('V1Secret', 'data')?.type).toEqual({ kind: 'map', values: { kind: 'bytes' } });
    expect(schema.property('V1Lease', 'spec.renewTime')?.type).toEqual({ kind: 'microTime' });
    expect(schema.property('V1Pod', 'spec.terminationGracePeriodSeconds')).toEqual({ type: { kind: 'integer', format: 'int64' }, protobuf: 4, empty: 'explicit' });
  });

  it('refers only to models that it has', () => {
    const missing: string[] = [];
    for (const model of schema.models.values()) {
      for (const property of Object.values(model.properties)) {
        let type = property.type;
        while (type.kind === 'list' || type.kind === 'map') type = type.kind === 'list' ? type.items : type.values;
        if (type.kind === 'model' && !schema.models.has(type.model)) missing.push(type.model);
      }
    }
    expect(missing).toEqual([]);
  });

  it('has descriptions without the escapes of generated comments', () => {
    const descriptions = schema.descriptions();
    expect(descriptions['V1Pod']?.['']).toBe('Pod is a collection of containers that can run on a host. This resource is created by clients and scheduled onto hosts.');
    expect(JSON.stringify(descriptions)).not.toMatch(/&#39;|\\\\'/);
  });
});
