import { badRequest } from '../../api/apiError.ts';
import type { FieldValidation } from '../codec/decodeBody.ts';
import type { ParsedBody } from '../codec/parseBody.ts';
import { isRecord } from '../../api/values/isRecord.ts';
import { jsonKind } from '../../api/values/goPrint.ts';

const NAMES = ['op', 'path', 'from', 'value'];

interface Operations {
  readonly operations: readonly unknown[];
  /** `json patch unknown field "[0].foo"`. */
  readonly strictErrors: readonly string[];
}

/** The operations of a JSON patch. Unless nobody minds, they are looked at as closely as Kubernetes does: throws 400 for what is none. */
export function readOperations({ value, strictErrors }: ParsedBody, fieldValidation: FieldValidation): Operations {
  if (value === null) return { operations: [], strictErrors: [] };
  if (fieldValidation === 'Ignore') {
    if (!Array.isArray(value)) throw badRequest(cannotUnmarshal(value, 'jsonpatch.Patch'));
    return { operations: value as readonly unknown[], strictErrors: [] };
  }
  if (!Array.isArray(value)) throw refusal(value, 'value of type []handlers.jsonPatchOp');
  const operations = value as readonly unknown[];
  const unknown: string[] = [];
  for (const [index, operation] of operations.entries()) {
    if (operation !== null && !isRecord(operation)) throw refusal(operation, 'value of type handlers.jsonPatchOp');
    for (const [name, each] of Object.entries(operation ?? {})) {
      if (!NAMES.includes(name)) unknown.push(`unknown field ${JSON.stringify(`[${index}].${name}`)}`);
      else if (name !== 'value' && each !== null && typeof each !== 'string') throw refusal(each, `struct field jsonPatchOp.${name} of type string`);
    }
  }
  return { operations, strictErrors: [...strictErrors, ...unknown].map((each) => `json patch ${each}`) };
}

const refusal = (value: unknown, target: string): Error => badRequest(`error decoding patch: ${unmarshal(value, target)}`);

/** `json: cannot unmarshal array into Go value of type map[string]interface {}`. */
export const cannotUnmarshal = (value: unknown, goType: string): string => unmarshal(value, `value of type ${goType}`);

function unmarshal(value: unknown, target: string): string {
  return `json: cannot unmarshal ${jsonKind(value)} into Go ${target}`;
}
