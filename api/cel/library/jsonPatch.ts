import { global } from '../overload.ts';
import type { Overload } from '../overload.ts';

/** Kubernetes' library for JSON patches: a key as a part of a JSON pointer (RFC 6901). */
export const JSON_PATCHES: readonly Overload[] = [global('jsonpatch.escapeKey', '(string) -> string', 'jsonpatch_escapeKey', (key: string) => key.replaceAll('~', '~0').replaceAll('/', '~1'))];
