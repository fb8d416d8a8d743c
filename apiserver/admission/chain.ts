import type { Clock } from '../../process/clock.ts';
import { RbacEscalation } from '../authorization/escalation.ts';
import type { RbacAuthorizer } from '../authorization/rbacAuthorizer.ts';
import type { Storage, WatchCache } from '../storage/types.ts';
import type { AdmissionPlugin } from '../types.ts';
import { DefaultTolerationSeconds } from './defaultTolerationSeconds.ts';
import { LimitRanger } from './limitRanger.ts';
import { NamespaceLifecycle } from './namespaceLifecycle.ts';
import { Priority } from './priority.ts';
import { ResourceQuota } from './resourceQuota.ts';
import { ServiceAccountAdmission } from './serviceAccount.ts';
import { TaintNodesByCondition } from './taintNodesByCondition.ts';

/** The admission plugins in Kubernetes' own order; quotas come last, when nothing else can refuse any more. */
export function admissionChain(cache: WatchCache, storage: Storage, clock: Clock, random: () => number, authorizer: RbacAuthorizer): readonly AdmissionPlugin[] {
  return [
    new NamespaceLifecycle(cache, storage),
    new LimitRanger(cache),
    new ServiceAccountAdmission(cache, storage, clock, random),
    new TaintNodesByCondition(),
    new Priority(cache, storage),
    new DefaultTolerationSeconds(),
    new RbacEscalation(authorizer),
    new ResourceQuota(cache, storage),
  ];
}
