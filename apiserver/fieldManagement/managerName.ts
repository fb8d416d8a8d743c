import { isPrintable, LONGEST_MANAGER } from '../../api/validation/managedFields.ts';

/** Who a write counts for: `fieldManager`, or else what the user agent calls itself before its first `/`. */
export function managerOf(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== '') return fieldManager;
  let name = '';
  let size = 0;
  for (const character of (userAgent ?? '').split('/')[0]!) {
    if (!isPrintable(character)) continue;
    size += Buffer.byteLength(character);
    if (size > LONGEST_MANAGER) break;
    name += character;
  }
  return name;
}
