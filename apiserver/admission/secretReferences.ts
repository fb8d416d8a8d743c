import type { V1Container, V1PodSpec, V1ServiceAccount } from '../../api/generated/types.ts';

const ENFORCE_ANNOTATION = 'kubernetes.io/enforce-mountable-secrets';

/** Whether pods of this account may use only the secrets which it names. */
export const limitsSecrets = ({ metadata }: V1ServiceAccount): boolean => ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(metadata.annotations?.[ENFORCE_ANNOTATION] ?? '');

/** Why a pod uses a secret that its account does not name; undefined where it does not. */
export function whySecretsForbidden(account: V1ServiceAccount, spec: V1PodSpec): string | undefined {
  const { name } = account.metadata;
  const allowed = new Set((account.secrets ?? []).map((each) => each.name));
  const volume = (spec.volumes ?? []).find(({ secret }) => secret && !allowed.has(secret.secretName));
  if (volume) return `volume with secret.secretName="${volume.secret?.secretName ?? ''}" is not allowed because service account ${name} does not reference that secret`;
  const inContainers = fromContainers('init container', spec.initContainers ?? [], allowed, name) ?? fromContainers('container', spec.containers, allowed, name);
  if (inContainers !== undefined) return inContainers;
  const pulls = new Set((account.imagePullSecrets ?? []).map((each) => each.name));
  const index = (spec.imagePullSecrets ?? []).findIndex((each) => !pulls.has(each.name));
  return index < 0 ? undefined : `imagePullSecrets[${index}].name="${spec.imagePullSecrets?.[index]?.name ?? ''}" is not allowed because service account ${name} does not reference that imagePullSecret`;
}

/** The same of containers that are added to a pod that runs. */
export function whyEphemeralSecretsForbidden(account: V1ServiceAccount, spec: V1PodSpec): string | undefined {
  return fromContainers('ephemeral container', spec.ephemeralContainers ?? [], new Set((account.secrets ?? []).map((each) => each.name)), account.metadata.name);
}

function fromContainers(what: string, containers: readonly V1Container[], allowed: ReadonlySet<string | undefined>, account: string): string | undefined {
  for (const { name, env = [], envFrom = [] } of containers) {
    for (const each of env) {
      const secret = each.valueFrom?.secretKeyRef;
      if (secret && !allowed.has(secret.name)) return `${what} ${name} with envVar ${each.name} referencing secret.secretName="${secret.name ?? ''}" is not allowed because service account ${account} does not reference that secret`;
    }
    for (const { secretRef } of envFrom) {
      if (secretRef && !allowed.has(secretRef.name)) return `${what} ${name} with envFrom referencing secret.secretName="${secretRef.name ?? ''}" is not allowed because service account ${account} does not reference that secret`;
    }
  }
  return undefined;
}
