import type { Clock } from '../../process/clock.ts';
import { RbacEscalation } from '../authorization/escalation.ts';
import type { RbacAuthorizer } from '../authorization/rbacAuthorizer.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import type { AdmissionPlugin, Authorizer } from '../types.ts';
import { CertificateApproval, CertificateSigning, CertificateSubjectRestriction } from './certificates.ts';
import { DefaultTolerationSeconds, type TolerationTimes } from './defaultTolerationSeconds.ts';
import { LimitRanger } from './limitRanger.ts';
import { NamespaceLifecycle } from './namespaceLifecycle.ts';
import { NodeRestriction } from './nodeRestriction.ts';
import { Priority } from './priority.ts';
import { ResourceQuota } from './resourceQuota/resourceQuota.ts';
import { ServiceAccountAdmission } from './serviceAccount.ts';
import { TaintNodesByCondition } from './taintNodesByCondition.ts';

/** The admission plugins in Kubernetes' own order; quotas come last, when nothing else can refuse any more. `authorizer` is the whole one, of which `rbac` is a part. */
export function admissionChain(cache: WatchCache, storage: Storage, clock: Clock, random: () => number, rbac: RbacAuthorizer, authorizer: Authorizer, tolerations?: TolerationTimes): readonly AdmissionPlugin[] {
  return [
    new NamespaceLifecycle(cache, storage),
    new LimitRanger(cache),
    new ServiceAccountAdmission(cache, storage, clock, random),
    new NodeRestriction(cache, storage),
    new TaintNodesByCondition(),
    new Priority(cache, storage),
    new DefaultTolerationSeconds(tolerations),
    new CertificateApproval(authorizer),
    new CertificateSigning(authorizer),
    new CertificateSubjectRestriction(),
    new RbacEscalation(rbac),
    new ResourceQuota(cache, storage),
  ];
}
