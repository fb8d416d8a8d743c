import type { V1CustomResourceDefinition, V1JSONSchemaProps } from '../../api/generated/types.ts';

/** A definition of the size that operators have: some fifty described fields, defaults, a list by keys, status and columns. */
export function benchDefinition(name: string, hasRule = false): Omit<V1CustomResourceDefinition, 'metadata'> & { readonly metadata: { readonly name: string } } {
  const group = 'bench.example.com';
  const plural = `${name}s`;
  const spec = hasRule ? { ...SPEC, 'x-kubernetes-validations': [{ rule: 'self.replicas <= self.maxReplicas', message: 'replicas must not exceed maxReplicas' }] } : SPEC;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, singular: name, kind: kindOf(name), listKind: `${kindOf(name)}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Replicas', type: 'integer', jsonPath: '.spec.replicas' }, { name: 'Phase', type: 'string', jsonPath: '.status.phase' }],
          schema: { openAPIV3Schema: { type: 'object', description: 'What the bench makes many of.', properties: { spec, status: STATUS } } },
        },
      ],
    },
  };
}

const kindOf = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

const text = (description: string): V1JSONSchemaProps => ({ type: 'string', description, maxLength: 253 });

const MEMBER: V1JSONSchemaProps = {
  type: 'object',
  required: ['name'],
  properties: {
    name: text('Name of the member, unique in the list.'),
    address: text('Where the member is reached, as a DNS name or an address.'),
    weight: { type: 'integer', format: 'int32', minimum: 0, maximum: 1000, default: 100, description: 'Share of the traffic that the member is to get.' },
    labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Labels that are put on whatever is made for the member.' },
  },
};

const SPEC: V1JSONSchemaProps = {
  type: 'object',
  required: ['replicas'],
  properties: {
    replicas: { type: 'integer', minimum: 0, maximum: 1000, description: 'How many there are to be.' },
    maxReplicas: { type: 'integer', minimum: 0, maximum: 1000, default: 100, description: 'How many there may be.' },
    mode: { type: 'string', enum: ['Active', 'Passive', 'Off'], default: 'Active', description: 'What the members do.' },
    size: { 'x-kubernetes-int-or-string': true, description: 'How large each of them is, as a number of bytes or a quantity.' },
    members: { type: 'array', maxItems: 100, items: MEMBER, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'], description: 'Who takes part, by name.' },
    // The many settings that make a schema long.
    settings: { type: 'object', properties: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`setting${index}`, text(`Setting number ${index}, which changes how the members behave, and is left alone by most users.`)])) },
  },
};

const STATUS: V1JSONSchemaProps = {
  type: 'object',
  properties: {
    phase: text('What is going on.'),
    conditions: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['type'],
      items: { type: 'object', required: ['type', 'status'], properties: { type: text('Of the condition.'), status: text('True, False or Unknown.'), reason: text('In one word.'), message: text('For people.'), lastTransitionTime: { type: 'string', format: 'date-time' } } },
    },
  },
};

/** An object of such a kind, of about 700 bytes. */
export function widget(kind: string, name: string): object {
  const members = ['one', 'two', 'three'].map((each) => ({ name: each, address: `${each}.members.example.com`, weight: 50, labels: { zone: each } }));
  const settings = { setting1: 'on', setting7: 'x'.repeat(200) };
  return { apiVersion: 'bench.example.com/v1', kind: kindOf(kind), metadata: { name }, spec: { replicas: 3, maxReplicas: 10, mode: 'Passive', size: '10Gi', members, settings } };
}
