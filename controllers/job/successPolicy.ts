import type { V1SuccessPolicy } from '../../api/generated/types.ts';
import { parseIndexes } from './indexes.ts';

/** The message of the first rule that the indexes which have succeeded fulfil; undefined where none is, or none has succeeded yet. */
export function matchSuccessPolicy(policy: V1SuccessPolicy | undefined, succeeded: ReadonlySet<number>): string | undefined {
  if (policy === undefined || succeeded.size === 0) return undefined;
  const at = policy.rules.findIndex(({ succeededIndexes, succeededCount }) => {
    if (succeededIndexes === undefined) return succeededCount !== undefined && succeeded.size >= succeededCount;
    const asked = parseIndexes(succeededIndexes);
    const reached = [...asked].filter((index) => succeeded.has(index)).length;
    return asked.size > 0 && (reached === asked.size || (succeededCount !== undefined && reached >= succeededCount));
  });
  return at < 0 ? undefined : `Matched rules at index ${at}`;
}
