import type { V1Taint } from '../../api/generated/types.ts';
import { validateLabelValue, validateQualifiedName } from '../../api/validation/names.ts';
import { formatTaint, isSameTaint } from '../../api/values/taints.ts';

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** Reads `key=value:effect,key:effect` as `--register-with-taints` takes it (`ParseTaints`). Throws an Error that says what is wrong. */
export function parseTaints(text: string): readonly V1Taint[] {
  const taints = text.split(',').filter((each) => each !== '').map(parseTaint);
  const twice = taints.find((taint, at) => taints.findIndex((each) => isSameTaint(each, taint)) !== at);
  if (twice) throw new Error(`duplicated taints with the same key and effect: ${formatTaint(twice)}`);
  return taints;
}

function parseTaint(text: string): V1Taint {
  const [head = '', effect, ...more] = text.split(':');
  const [key = '', value = '', ...rest] = head.split('=');
  if (effect === undefined || more.length + rest.length > 0) throw new Error(`invalid taint spec: ${text}`);
  if (!EFFECTS.includes(effect)) throw new Error(`invalid taint effect: ${effect}, unsupported taint effect`);
  const problems = [...validateQualifiedName(key), ...(value === '' ? [] : validateLabelValue(value))];
  if (problems.length > 0) throw new Error(`invalid taint spec: ${text}, ${problems.join('; ')}`);
  return { key, ...(value === '' ? {} : { value }), effect };
}
