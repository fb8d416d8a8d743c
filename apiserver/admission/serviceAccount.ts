import type { V1Pod, V1ServiceAccount } from '../../api/generated/types.ts';
import type { IncomingObject } from '../../api/resourceDefinition.ts';
import { ANNOTATION_CONFIG_MIRROR } from '../../api/wellKnown.ts';
import type { Clock } from '../../process/clock.ts';
import { podReferences } from '../../api/kinds/core/pod/podReferences.ts';
import { objectKey } from '../storage/types.ts';
import type { AdmissionAttributes, AdmissionPlugin } from '../types.ts';
import { refusal } from './refusal.ts';
import { limitsSecrets, whyEphemeralSecretsForbidden, whySecretsForbidden } from './secretReferences.ts';
import type { StoredObjects } from './storedObjects.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME_PREFIX = 'kube-api-access-';
const SUFFIX_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';
/** Asked for, in seconds; the kubelet renews it at four fifths (Kubernetes marks its own injected tokens by this odd number). */
const TOKEN_SECONDS = 3607;
/** How long to wait for an account that its controller is about to make, in milliseconds. */
const PATIENCE = 1000;

/** Gives every pod a service account, its pull secrets, and the volume with its token. */
export class ServiceAccountAdmission implements AdmissionPlugin {
  readonly name = 'ServiceAccount';
  readonly #objects: StoredObjects;
  readonly #clock: Clock;
  readonly #random: () => number;

  constructor(objects: StoredObjects, clock: Clock, random: () => number) {
    this.#objects = objects;
    this.#clock = clock;
    this.#random = random;
  }

  async admit(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, object, namespace } = attributes;
    if (operation !== 'CREATE' || definition.group !== '' || definition.plural !== 'pods' || subresource !== '' || object === undefined) return;
    const pod = object as IncomingObject<V1Pod>;
    if (pod.spec === undefined) return;
    if (isMirror(pod)) return refuseReferences(attributes, pod);
    const accountName = pod.spec.serviceAccountName || 'default';
    pod.spec.serviceAccountName = accountName;
    pod.spec.serviceAccount = accountName;
    const account = await this.#account(attributes, namespace, accountName);
    if (pod.spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) this.#mountToken(pod);
    if ((pod.spec.imagePullSecrets ?? []).length === 0 && account.imagePullSecrets) pod.spec.imagePullSecrets = account.imagePullSecrets.map((each) => ({ ...each }));
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    const { operation, definition, subresource, object, namespace } = attributes;
    if (definition.group !== '' || definition.plural !== 'pods' || object === undefined) return;
    const { spec } = object as IncomingObject<V1Pod>;
    const isNew = operation === 'CREATE' && subresource === '';
    if (spec === undefined || (!isNew && !(operation === 'UPDATE' && subresource === 'ephemeralcontainers'))) return;
    if (isMirror(object)) return isNew ? refuseReferences(attributes, object) : undefined;
    const account = await this.#account(attributes, namespace, spec.serviceAccountName ?? '');
    if (!limitsSecrets(account)) return;
    const why = isNew ? whySecretsForbidden(account, spec) : whyEphemeralSecretsForbidden(account, spec);
    if (why !== undefined) throw refusal(attributes, why);
  }

  /** A new namespace's `default` account comes a moment after it; whoever is quicker waits. */
  async #account(attributes: AdmissionAttributes, namespace: string, name: string): Promise<V1ServiceAccount> {
    const key = objectKey({ group: '', resource: 'serviceaccounts' }, namespace, name);
    const deadline = this.#clock.monotonic() + (name === 'default' ? PATIENCE : 0);
    for (;;) {
      const found = await this.#objects.find(key);
      if (found) return found as V1ServiceAccount;
      if (this.#clock.monotonic() >= deadline) throw refusal(attributes, `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`);
      await this.#clock.sleep(50);
    }
  }

  #mountToken(pod: IncomingObject<V1Pod>): void {
    const spec = pod.spec!;
    const present = spec.volumes?.find((volume) => volume.name.startsWith(VOLUME_PREFIX));
    const volumeName = present?.name ?? VOLUME_PREFIX + Array.from({ length: 5 }, () => SUFFIX_LETTERS[Math.floor(this.#random() * SUFFIX_LETTERS.length)]).join('');
    let mounted = false;
    for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      if (container.volumeMounts?.some((mount) => mount.mountPath === MOUNT_PATH)) continue;
      container.volumeMounts = [...(container.volumeMounts ?? []), { name: volumeName, readOnly: true, mountPath: MOUNT_PATH }];
      mounted = true;
    }
    if (present || !mounted) return;
    spec.volumes = [
      ...(spec.volumes ?? []),
      {
        name: volumeName,
        projected: {
          defaultMode: 0o644,
          sources: [
            { serviceAccountToken: { path: 'token', expirationSeconds: TOKEN_SECONDS } },
            { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
            { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
          ],
        },
      },
    ];
  }
}

const isMirror = ({ metadata }: IncomingObject): boolean => metadata.annotations?.[ANNOTATION_CONFIG_MIRROR] !== undefined;

/** The mirror of a static pod names nothing of the API: its node must not get at it by this. */
function refuseReferences(attributes: AdmissionAttributes, pod: IncomingObject<V1Pod>): void {
  if (pod.spec?.serviceAccountName) throw refusal(attributes, 'a mirror pod may not reference service accounts');
  // As if it were no mirror, of which no references count.
  const kinds = podReferences({ ...pod, metadata: { ...pod.metadata, annotations: {} } } as V1Pod).map(([kind]) => kind);
  if (kinds.includes('secrets')) throw refusal(attributes, 'a mirror pod may not reference secrets');
  if (pod.spec?.volumes?.some(({ projected }) => projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken))) throw refusal(attributes, 'a mirror pod may not use ServiceAccountToken volume projections');
}
