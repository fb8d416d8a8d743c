import type { V1Secret } from '../../api/generated/types.ts';

export const TOKEN_SECRETS = { namespace: 'kube-system', fieldSelector: 'type=bootstrap.kubernetes.io/token' } as const;
const NAME = /^bootstrap-token-([a-z0-9]{6})$/;

export interface BootstrapToken {
  readonly id: string;
  readonly secret: string;
}

/** A value of the Secret as text; '' when it is not there. */
export function secretText({ data }: V1Secret, key: string): string {
  return Buffer.from(data?.[key] ?? '', 'base64').toString();
}

/** The token with which the cluster's information is to be signed, if the Secret is one and still counts (`validateSecretForSigning`). `now` is wall-clock milliseconds. */
export function signingToken(object: V1Secret, now: number): BootstrapToken | undefined {
  const id = secretText(object, 'token-id');
  const secret = secretText(object, 'token-secret');
  const isNamedAfter = NAME.exec(object.metadata.name)?.[1] === id;
  if (id === '' || secret === '' || !isNamedAfter || millisecondsLeft(object, now) <= 0) return undefined;
  return secretText(object, 'usage-bootstrap-signing') === 'true' ? { id, secret } : undefined;
}

/** How long the token still counts: Infinity without an end; an end that cannot be read has passed. `now` is wall-clock milliseconds. */
export function millisecondsLeft(object: V1Secret, now: number): number {
  const expiration = secretText(object, 'expiration');
  if (expiration === '') return Infinity;
  const end = /^\d{4}-\d\d-\d\dT/.test(expiration) ? Date.parse(expiration) : NaN;
  return Number.isNaN(end) ? 0 : Math.max(0, end - now);
}
