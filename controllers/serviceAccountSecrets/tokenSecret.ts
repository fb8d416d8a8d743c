import type { KeyObject } from 'node:crypto';
import type { V1Secret, V1ServiceAccount } from '../../api/generated/types.ts';
import { signJwt } from '../../process/jwt.ts';
import { SECRET_TOKEN_ISSUER } from '../../process/serviceAccountSecrets.ts';

export const NAME_ANNOTATION = 'kubernetes.io/service-account.name';
export const UID_ANNOTATION = 'kubernetes.io/service-account.uid';

/** Whose token a Secret is to hold; undefined where it does not say. */
export function accountKeyOf({ metadata }: V1Secret): string | undefined {
  const name = metadata.annotations?.[NAME_ANNOTATION];
  return name === undefined || name === '' ? undefined : `${metadata.namespace}/${name}`;
}

/** Whether an account is the one that a Secret means: a name alone is enough, but another uid is another account. */
export function isOfAccount({ metadata }: V1Secret, account: V1ServiceAccount | undefined): account is V1ServiceAccount {
  const uid = metadata.annotations?.[UID_ANNOTATION] ?? '';
  return account !== undefined && (uid === '' || uid === account.metadata.uid);
}

/** With what tokens are signed, and whom their users may trust. */
export interface TokenMaterial {
  readonly key: KeyObject;
  /** PEM. */
  readonly clusterCA: string;
}

/** The Secret with what it lacks: token, namespace, authority, the account's uid. Undefined: it lacks nothing (`generateTokenIfNeeded`). */
export function filledSecret(secret: V1Secret, account: V1ServiceAccount, { key, clusterCA }: TokenMaterial): V1Secret | undefined {
  const { data = {}, metadata } = secret;
  const authority = encode(clusterCA);
  const needsToken = !data['token'];
  const needsNamespace = !data['namespace'];
  if (!needsToken && !needsNamespace && data['ca.crt'] === authority) return undefined;
  return {
    ...secret,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [NAME_ANNOTATION]: account.metadata.name, [UID_ANNOTATION]: account.metadata.uid } },
    data: {
      ...data,
      'ca.crt': authority,
      ...(needsNamespace ? { namespace: encode(metadata.namespace) } : {}),
      ...(needsToken ? { token: encode(tokenOf(secret, account, key)) } : {}),
    },
  };
}

function tokenOf(secret: V1Secret, { metadata: { namespace, name, uid } }: V1ServiceAccount, key: KeyObject): string {
  const claims = {
    iss: SECRET_TOKEN_ISSUER,
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': secret.metadata.name,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
    sub: `system:serviceaccount:${namespace}:${name}`,
  };
  return signJwt(claims, key);
}

const encode = (text: string): string => Buffer.from(text).toString('base64');

/** The account without a reference to a Secret that is gone; undefined: it has none. */
export function withoutReference(account: V1ServiceAccount, secret: string): V1ServiceAccount | undefined {
  const { secrets = [] } = account;
  const left = secrets.filter(({ name }) => name !== secret);
  return left.length === secrets.length ? undefined : { ...account, secrets: left };
}
