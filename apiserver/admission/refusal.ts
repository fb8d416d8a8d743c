import { type ApiError, forbiddenError } from '../../api/apiError.ts';
import type { AdmissionAttributes } from '../types.ts';

/** The refusal of a request, under the name that its object has or will begin with (`admission.NewForbidden`). */
export function refusal({ definition, name, object }: Pick<AdmissionAttributes, 'definition' | 'name' | 'object'>, why: string): ApiError {
  return forbiddenError({ group: definition.group, resource: definition.plural }, name || object?.metadata.name || object?.metadata.generateName || 'Unknown', why);
}
