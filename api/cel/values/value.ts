import type { CelError } from './celError.ts';
import type { CelList } from './list.ts';
import type { CelMap } from './map.ts';
import type { Bytes, Double, Duration, Optional, Timestamp, TypeValue, Uint } from './scalars.ts';
import type { OpaqueValue } from './opaque.ts';

/**
 * A value at run time. An `int` is a number while it is a safe integer, and a bigint beyond, so that equal integers are always `===`: JSON's integers need no
 * conversion and arithmetic is quick; a `double` is boxed, being rare. Errors are values, as in cel-go: `&&` and `||` can then leave them out.
 */
export type CelValue = string | boolean | null | number | bigint | Double | Uint | Bytes | Timestamp | Duration | TypeValue | Optional | CelList | CelMap | OpaqueValue | CelError;
