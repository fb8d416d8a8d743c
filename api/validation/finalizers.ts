import { FINALIZER_FOREGROUND_DELETION, FINALIZER_KUBERNETES, FINALIZER_ORPHAN } from '../wellKnown.ts';

const STANDARD: ReadonlySet<string> = new Set([FINALIZER_FOREGROUND_DELETION, FINALIZER_KUBERNETES, FINALIZER_ORPHAN]);

/** Whether a finalizer is one of Kubernetes' own or names a domain before a `/`. */
export const isKnownFinalizer = (name: string): boolean => name.includes('/') || STANDARD.has(name);
