import { invalid, type FieldError } from '../../../fieldError.ts';

const FILE_MODE_MESSAGE = 'must be a number between 0 and 0777 (octal), both inclusive';

/** Permissions of a file; absent is valid. */
export function fileMode(field: string, mode: number | undefined): FieldError[] {
  return mode !== undefined && (mode < 0 || mode > 0o777) ? [invalid(field, mode, FILE_MODE_MESSAGE)] : [];
}

/** `validatePathNoBacksteps`. */
export function noBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : [];
}

/** A path below a volume's root, which no `..` leaves. */
export function localDescendingPath(field: string, path: string): FieldError[] {
  return [...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []), ...noBacksteps(field, path)];
}

/** Names with two leading dots are kept for the kubelet's atomic updates. */
export function localNonReservedPath(field: string, path: string): FieldError[] {
  const isReserved = path.startsWith('..') && !path.startsWith('../');
  return [...localDescendingPath(field, path), ...(isReserved ? [invalid(field, path, "must not start with '..'")] : [])];
}
