import type { ObjectMetaDraft } from '../../api/meta.ts';
import { canonicalJson } from '../../api/values/stableHash.ts';

/** Kubernetes' words for when the duplicates were found. */
const WHEN = { asSent: '', afterAdmission: ' after mutating admission happens' } as const;

/**
 * Drops, in place, owner references that are there twice in all their fields, and warns of them by uid (`dedupOwnerReferencesAndAddWarning`). A create and an update
 * are looked at as they were sent and after mutating admission, a patch after it only.
 */
export function dropDuplicateOwners(metadata: ObjectMetaDraft, when: keyof typeof WHEN, warn: (text: string) => void): void {
  const references = metadata.ownerReferences ?? [];
  if (references.length < 2) return;
  const kept: NonNullable<ObjectMetaDraft['ownerReferences']> = [];
  const duplicates: string[] = [];
  const seen = new Set<string>();
  for (const reference of references) {
    const text = canonicalJson(reference);
    if (seen.has(text)) duplicates.push(reference.uid);
    else kept.push(reference);
    seen.add(text);
  }
  if (duplicates.length === 0) return;
  warn(`.metadata.ownerReferences contains duplicate entries${WHEN[when]}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`);
  metadata.ownerReferences = kept;
}
