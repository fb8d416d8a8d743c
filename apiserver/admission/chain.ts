import { randomUUID } from 'node:crypto';
import type { Clock } from '../../process/clock.ts';
import { RbacEscalation } from '../authorization/escalation.ts';
import type { RbacAuthorizer } from '../authorization/rbacAuthorizer.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import type { AdmissionPlugin, Authorizer } from '../types.ts';
import { CertificateApproval, CertificateSigning, CertificateSubjectRestriction } from './certificates.ts';
import { DefaultIngressClass, DefaultStorageClass } from './defaultClasses.ts';
import { DefaultTolerationSeconds, type TolerationTimes } from './defaultTolerationSeconds.ts';
import { LimitRanger } from './limitRanger.ts';
import { NamespaceLifecycle } from './namespaceLifecycle.ts';
import { NodeDeclaredFeatureValidator } from './nodeDeclaredFeatureValidator.ts';
import { NodeRestriction } from './nodeRestriction.ts';
import { optionalPlugins } from './optional/optionalPlugins.ts';
import { PersistentVolumeClaimResize } from './persistentVolumeClaimResize.ts';
import { pluginConfiguration } from './pluginConfiguration.ts';
import { type AdmissionSettings, DEFAULT_ADMISSION, inOrder, pluginChoice } from './pluginOrder.ts';
import { podSecuritySettings } from './podSecurity/configuration.ts';
import { PodSecurity } from './podSecurity/podSecurity.ts';
import { PodResizeValidator } from './podResizeValidator.ts';
import { PodTopologyLabels } from './podTopologyLabels.ts';
import { Priority } from './priority.ts';
import { limitedResources } from './resourceQuota/limitedResources.ts';
import { ResourceQuota } from './resourceQuota/resourceQuota.ts';
import { RuntimeClass } from './runtimeClass.ts';
import { ServiceAccountAdmission } from './serviceAccount.ts';
import { StorageObjectInUseProtection } from './storageObjectInUseProtection.ts';
import { StoredObjects } from './storedObjects.ts';
import { TaintNodesByCondition } from './taintNodesByCondition.ts';

/**
 * The admission plugins that are on, in Kubernetes' own order; quotas come last, when nothing else can refuse any more. `authorizer` is the
 * whole one, of which `rbac` is a part; `webhooks` are what asks others. Throws an `AdmissionConfigurationError` where the settings are wrong.
 */
export function admissionChain(
  cache: WatchCache,
  storage: Storage,
  clock: Clock,
  random: () => number,
  rbac: RbacAuthorizer,
  authorizer: Authorizer,
  tolerations?: TolerationTimes,
  webhooks: readonly AdmissionPlugin[] = [],
  settings: AdmissionSettings = DEFAULT_ADMISSION,
): readonly AdmissionPlugin[] {
  const isOn = pluginChoice(settings);
  const objects = new StoredObjects(cache, storage);
  const all = [
    new NamespaceLifecycle(objects),
    new LimitRanger(cache),
    new ServiceAccountAdmission(objects, clock, random),
    new NodeRestriction(objects),
    new TaintNodesByCondition(),
    new PodSecurity(objects, clock, pluginConfiguration(settings, 'PodSecurity', podSecuritySettings)),
    new Priority(objects),
    new DefaultTolerationSeconds(tolerations),
    new DefaultStorageClass(cache),
    new StorageObjectInUseProtection(),
    new PersistentVolumeClaimResize(objects),
    new RuntimeClass(objects),
    new CertificateApproval(authorizer),
    new CertificateSigning(authorizer),
    new CertificateSubjectRestriction(),
    new DefaultIngressClass(cache),
    new PodTopologyLabels(cache),
    new NodeDeclaredFeatureValidator(objects),
    new PodResizeValidator(objects),
    new RbacEscalation(rbac, authorizer),
    ...webhooks,
    new ResourceQuota(cache, storage, pluginConfiguration(settings, 'ResourceQuota', limitedResources)),
    ...optionalPlugins({ cache, storage, objects, clock, uid: randomUUID, authorizer }, settings),
  ];
  return inOrder(all, isOn);
}
