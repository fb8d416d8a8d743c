import { isRecord } from '../values/isRecord.ts';
import { invalid, type FieldError } from '../fieldError.ts';
import { IMMUTABLE_MESSAGE } from '../validation/names.ts';
import { semanticEqual } from '../values/deepEqual.ts';
import { escapeHtml } from '../values/goPrint.ts';
import { canonicalQuantity } from '../values/quantity.ts';
import { unifiedDiff } from '../values/unifiedDiff.ts';
import { INTERNAL_TYPES } from './internalTypes.ts';

type Fields = Readonly<Record<string, unknown>>;

interface InternalField {
  readonly name: string;
  readonly key: string;
  /** As in `INTERNAL_TYPES`. */
  readonly type: string;
}

const EMPTY: Fields = { s: '', i: 0, b: false, q: '0', p: 0 };
/** Of the pod, where Kubernetes' own form has it in the security context. */
const OF_THE_HOST = ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace', 'hostUsers'];
const IN_SELECTORS = ['matchLabels', 'matchExpressions', 'key', 'operator', 'values'];
const IN_METADATA = ['name', 'generateName', 'namespace', 'labels', 'annotations', 'ownerReferences', 'finalizers'];

const fieldsOfType = new Map<string, readonly InternalField[]>();

/** A value of a type in the form that Kubernetes has it in within the API server, which its messages show: Go's names, and all fields there are. */
export function internalForm(type: string, value: unknown): unknown {
  return formOf(type, value, true);
}

/** As `immutable`, where the message shows the internal form. */
export function immutableForm(type: string, field: string, value: unknown, previous: unknown): FieldError[] {
  return semanticEqual(value, previous) ? [] : [invalid(field, value === undefined ? value : internalForm(type, value), IMMUTABLE_MESSAGE)];
}

/** How two values of a type differ, as Kubernetes shows it to who may not change it (`diff.Diff`): both written as JSON in its own form. */
export function specDiff(type: string, previous: object, current: object): string {
  // What was stored has lost its empty lists and maps; what just came still has them.
  return unifiedDiff(linesOf(formOf(type, previous, false)), linesOf(formOf(type, current, true)));
}

function linesOf(form: unknown): string[] {
  return escapeHtml(JSON.stringify(form, null, 1)).split('\n');
}

function formOf(type: string, value: unknown, keepsEmpty: boolean): unknown {
  if (type.startsWith('*')) return value === undefined || value === null ? null : formOf(type.slice(1), value, keepsEmpty);
  if (type.startsWith('[]')) return Array.isArray(value) && (keepsEmpty || value.length > 0) ? value.map((each) => formOf(type.slice(2), each, keepsEmpty)) : null;
  if (type.startsWith('{}')) return isRecord(value) && (keepsEmpty || Object.keys(value).length > 0) ? mapOf(type.slice(2), value, keepsEmpty) : null;
  if (type === 'q') return value === undefined || value === null ? '0' : canonicalQuantity(value as string);
  if (type === '?') return set(value, [], (key) => key.charAt(0).toUpperCase() + key.slice(1));
  if (type === 'LabelSelector') return set(value, IN_SELECTORS);
  if (type in EMPTY) return value ?? EMPTY[type];
  const record: Fields = isRecord(value) ? value : {};
  if (type === 'PodTemplateSpec') return { ...(set(record['metadata'] ?? {}, IN_METADATA) as object), Spec: formOf('PodSpec', record['spec'], keepsEmpty) };
  const source = type === 'PodSpec' ? podSpecOf(record) : record;
  return Object.fromEntries(fieldsOf(type).map((field) => [field.name, formOf(field.type, source[field.key], keepsEmpty)]));
}

/** `Convert_v1_PodSpec_To_core_PodSpec`. */
function podSpecOf(spec: Fields): Fields {
  const ofTheHost = Object.fromEntries(OF_THE_HOST.map((key) => [key, spec[key]]));
  return { ...spec, serviceAccountName: spec['serviceAccountName'] || spec['serviceAccount'], securityContext: { ...(spec['securityContext'] as object | undefined), ...ofTheHost } };
}

function mapOf(type: string, value: Fields, keepsEmpty: boolean): Fields {
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, formOf(type, value[key], keepsEmpty)]));
}

/** Of what Kubernetes has in one form only, and of what the table does not have: the fields that are set, the named ones first. */
function set(value: unknown, order: readonly string[], nameOf = (key: string): string => key): unknown {
  if (Array.isArray(value)) return value.map((each) => set(each, order, nameOf));
  if (!isRecord(value)) return value;
  const place = (key: string): number => (order.includes(key) ? order.indexOf(key) : order.length);
  const keys = Object.keys(value).filter((key) => !isEmpty(value[key])).sort((left, right) => place(left) - place(right) || (left < right ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [nameOf(key), set(value[key], order, nameOf)]));
}

const isEmpty = (value: unknown): boolean => value === undefined || value === null || (typeof value === 'object' && Object.keys(value).length === 0);

function fieldsOf(type: string): readonly InternalField[] {
  const known = fieldsOfType.get(type);
  if (known) return known;
  const fields = INTERNAL_TYPES[type]!.split(' ').map((text): InternalField => {
    const [names, ofType] = text.split(':') as [string, string];
    const [name, key = initialsSmall(name)] = names.split('=') as [string, string?];
    return { name, key, type: ofType };
  });
  fieldsOfType.set(type, fields);
  return fields;
}

/** `HTTPGet` is `httpGet`, `OS` is `os`. */
function initialsSmall(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z]|$)|^[A-Z]+/, (initials) => initials.toLowerCase());
}
