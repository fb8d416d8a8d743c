import { validateQualifiedName } from '../../../api/validation/names.ts';

/** Whether an annotation of an audit event may be called so: a domain, one slash and a name (upstream's `checkKeyFormat`). */
export const isAnnotationKey = (key: string): boolean => key.split('/').length === 2 && validateQualifiedName(key).length === 0;
