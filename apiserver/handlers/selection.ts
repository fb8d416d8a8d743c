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
}

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
    return { matches: matcher(definition, hasLabels ? labels : undefined, fields), name: requiredValue(fields, 'metadata.name') };
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
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
  // Every kind may be asked for a namespace; cluster-scoped objects have none.
  known.add('metadata.namespace');
  for (const { field } of fields) if (!known.has(field)) throw badRequest(unsupportedField(definition, field));
}

/** The texts of Kubernetes' conversions of field labels, which most kinds do not have. */
function unsupportedField({ group, kind, custom, selectableFields }: ResourceDefinition, field: string): string {
  if (group === 'batch' && kind === 'Job') return `field label ${JSON.stringify(field)} not supported for Job`;
  if (group === 'apps' && kind === 'StatefulSet') return `field label not supported for appsv1.StatefulSet: ${field}`;
  if (custom || selectableFields) return `field label not supported: ${field}`;
  return `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
