import { isRecord } from '../values/isRecord.ts';

/** Go's types of the fields of metadata, where JSON could hold others. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ...['name', 'generateName', 'namespace', 'selfLink', 'resourceVersion'].map((name) => [name, 'string'] as const),
  ['uid', 'types.UID'],
  ['generation', 'int64'],
  ['deletionGracePeriodSeconds', 'int64'],
  ['labels', 'map[string]string'],
  ['annotations', 'map[string]string'],
  ['finalizers', '[]string'],
  ['ownerReferences', '[]v1.OwnerReference'],
  ['managedFields', '[]v1.ManagedFieldsEntry'],
]);

/** Why a value could not be read as metadata, in Go's words; undefined where it could. */
export function metadataTypeFault(metadata: unknown): string | undefined {
  if (metadata === undefined || metadata === null) return undefined;
  if (!isRecord(metadata)) return `json: cannot unmarshal ${jsonType(metadata)} into Go value of type v1.ObjectMeta`;
  for (const [name, value] of Object.entries(metadata)) {
    const type = TYPES.get(name);
    if (type === undefined || value === null) continue;
    const wrong = misfit(value, type);
    if (wrong !== undefined) return `json: cannot unmarshal ${jsonType(wrong.value)} into Go struct field ObjectMeta.${name} of type ${wrong.type}`;
  }
  return undefined;
}

/** The part of a value that is not of its type. */
function misfit(value: unknown, type: string): { readonly value: unknown; readonly type: string } | undefined {
  const inner = (values: readonly unknown[], expected: string): ReturnType<typeof misfit> => values.map((each) => (each === null ? undefined : misfit(each, expected))).find((each) => each !== undefined);
  if (type === 'string' || type === 'types.UID') return typeof value === 'string' ? undefined : { value, type };
  if (type === 'int64') return typeof value === 'number' ? undefined : { value, type };
  if (type === 'map[string]string') return isRecord(value) ? inner(Object.values(value), 'string') : { value, type };
  if (!Array.isArray(value)) return { value, type };
  if (type === '[]string') return inner(value, 'string');
  const wrong: unknown = value.find((each) => each !== null && !isRecord(each));
  return wrong === undefined ? undefined : { value: wrong, type: type.slice(2) };
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}
