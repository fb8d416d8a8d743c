import { badRequest } from '../../api/apiError.ts';
import type { KubeObject } from '../../api/meta.ts';
import type { ResourceDefinition } from '../../api/resourceDefinition.ts';
import type { FieldSelector } from '../../api/values/fieldSelector.ts';
import { matchesFields, parseFieldSelector, requiredValue } from '../../api/values/fieldSelector.ts';
import type { LabelSelector } from '../../api/values/labelSelector.ts';
import { matchesLabels } from '../../api/values/labelSelector.ts';
import { parseLabelSelector, SelectorError } from '../../api/values/parseLabelSelector.ts';

/** Which objects of a collection a request is about. */
export interface Selection {
  /** Undefined: all of them. */
  readonly matches: ((object: KubeObject) => boolean) | undefined;
  /** The one name that can match, where the field selector demands one. */
  readonly name: string | undefined;
  /** Undefined: nothing is known. */
  readonly evidence?: Evidence | undefined;
}

/** Alternatives, of one of which each text stands in the stored bytes of every object that can match. */
export type Evidence = readonly (readonly string[])[];

/** Each is looked at for each object; nobody else is served meanwhile. Kubernetes leaves it to the length of the request line. */
const MAX_REQUIREMENTS = 10_000;

const ALL: Selection = { matches: undefined, name: undefined };

/**
 * Reads both selectors. Throws `badRequest` for one that cannot be read, and for a field that the kind cannot be selected by.
 * `known` are the fields besides name and namespace; they are found by asking the kind about an object without content.
 */
export function parseSelection(definition: ResourceDefinition, labelSelector: string, fieldSelector: string): Selection {
  if (labelSelector === '' && fieldSelector === '') return ALL;
  try {
    const labels = parseLabelSelector(labelSelector);
    const fields = parseFieldSelector(fieldSelector);
    if (labels.requirements.length + fields.length > MAX_REQUIREMENTS) throw badRequest(`the selectors have ${labels.requirements.length + fields.length} requirements, at most ${MAX_REQUIREMENTS} are allowed`);
    checkFields(definition, fields);
    const hasLabels = labels.requirements.length > 0 || labels.nothing === true;
    return { matches: matcher(definition, hasLabels ? labels : undefined, fields), name: requiredValue(fields, 'metadata.name'), evidence: definition.convert ? undefined : evidenceOf(labels) };
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
}

/** Alternatives that are searched for; beyond, looking into the object is as fast. */
const MAX_ALTERNATIVES = 8;

/** What stands in the JSON of an object that bears the labels which a selector asks for. */
function evidenceOf({ requirements }: LabelSelector): Evidence | undefined {
  const positive = requirements.find(({ operator }) => operator === '=' || operator === 'in') ?? requirements.find(({ operator }) => operator === 'exists');
  if (!positive) return undefined;
  const key = JSON.stringify(positive.key);
  const { values } = positive;
  // One after the other: whoever has written to etcd by hand may have put spaces between them. Most objects have the key.
  return values.length > 0 && values.length <= MAX_ALTERNATIVES ? values.map((value) => [JSON.stringify(value), key]) : [[key]];
}

function matcher(definition: ResourceDefinition, labels: LabelSelector | undefined, fields: FieldSelector): ((object: KubeObject) => boolean) | undefined {
  if (fields.length === 0) return labels ? (object) => matchesLabels(labels, object.metadata.labels) : undefined;
  const matchesField = (object: KubeObject): boolean => matchesFields(fields, fieldsOf(definition, object));
  return labels ? (object) => matchesLabels(labels, object.metadata.labels) && matchesField(object) : matchesField;
}

function fieldsOf(definition: ResourceDefinition, object: KubeObject): Record<string, string> {
  const { name, namespace } = object.metadata;
  return { ...definition.selectableFields?.(object), 'metadata.name': name, ...(definition.namespaced ? { 'metadata.namespace': namespace ?? '' } : {}) };
}

function checkFields(definition: ResourceDefinition, fields: FieldSelector): void {
  if (fields.length === 0) return;
  const metadata = { name: '', uid: '', resourceVersion: '', creationTimestamp: '' };
  const bare = { apiVersion: '', kind: '', metadata, spec: {}, status: {}, involvedObject: {}, regarding: {}, source: {} };
  const known = new Set(Object.keys(fieldsOf(definition, bare)));
  // Kinds without selectable fields of their own may be asked for a namespace, even where they have none.
  if (!definition.selectableFields && !definition.custom) known.add('metadata.namespace');
  for (const { field } of fields) if (!known.has(field)) throw badRequest(unsupportedField(definition, field));
}

/** The texts of Kubernetes' conversions of field labels, which most kinds do not have. */
function unsupportedField({ group, version, kind, custom, selectableFields }: ResourceDefinition, field: string): string {
  if (group === 'batch' && kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`;
  if (group === 'apps' && kind === 'StatefulSet') return `field label not supported for appsv1.StatefulSet: ${field}`;
  if (group === 'resource.k8s.io' && kind === 'ResourceSlice') return `field label not supported for ${group}/${version}, Kind=${kind}: ${field}`;
  if (custom || selectableFields) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
