import type { Controller } from './controller.ts';
import { bootstrapSignerController } from './bootstrapTokens/bootstrapSigner.ts';
import { tokenCleanerController } from './bootstrapTokens/tokenCleaner.ts';
import { signingRequestApprovingController } from './certificates/approving.ts';
import { signingRequestCleanerController } from './certificates/cleaner.ts';
import { nodeCertificateApprovingController } from './certificates/nodeCertificatesApproving.ts';
import { signingRequestSigningController } from './certificates/signing.ts';
import { clusterRoleAggregationController } from './clusterRoleAggregation.ts';
import { cronJobController } from './cronJob/cronJob.ts';
import { daemonSetController } from './daemonSet/daemonSet.ts';
import { deploymentController } from './deployment/deployment.ts';
import { disruptionController } from './disruption.ts';
import { endpointsController } from './endpoints.ts';
import { endpointSliceController } from './endpointSlice/endpointSlice.ts';
import { endpointSliceMirroringController } from './endpointSliceMirroring/endpointSliceMirroring.ts';
import { garbageCollector } from './garbageCollector/garbageCollector.ts';
import { jobController } from './job/job.ts';
import { namespaceController } from './namespace.ts';
import { nodeIpamController } from './nodeIpam/nodeIpam.ts';
import { nodeDnsController } from './nodeLifecycle/nodeDns.ts';
import { nodeLifecycleController } from './nodeLifecycle/nodeLifecycle.ts';
import { taintEvictionController } from './nodeLifecycle/taintEviction.ts';
import { podGarbageCollector } from './podGarbageCollector.ts';
import { replicaSetController, replicationControllerController } from './replicaSet.ts';
import { resourceQuotaController } from './resourceQuota.ts';
import { rootCAPublisher } from './rootCAPublisher.ts';
import { serviceAccountController } from './serviceAccount.ts';
import { secretTokenCleanerController } from './serviceAccountSecrets/secretTokenCleaner.ts';
import { serviceAccountTokenController } from './serviceAccountSecrets/tokensController.ts';
import { serviceCIDRController } from './serviceCIDR/serviceCIDR.ts';
import { statefulSetController } from './statefulSet/statefulSet.ts';
import { attributesClassProtectionController } from './storageProtection/attributesClassProtection.ts';
import { claimProtectionController } from './storageProtection/claimProtection.ts';
import { volumeProtectionController } from './storageProtection/volumeProtection.ts';
import { ttlAfterFinishedController } from './ttlAfterFinished.ts';
import { validatingAdmissionPolicyStatusController } from './validatingAdmissionPolicyStatus.ts';

/** Every control loop. The garbage collector comes last, so that it shares the informers of the others. */
export const CONTROLLERS: readonly Controller[] = [
  serviceAccountController,
  serviceAccountTokenController,
  rootCAPublisher,
  namespaceController,
  nodeIpamController,
  replicaSetController,
  replicationControllerController,
  deploymentController,
  statefulSetController,
  daemonSetController,
  jobController,
  cronJobController,
  endpointsController,
  endpointSliceController,
  endpointSliceMirroringController,
  nodeLifecycleController,
  taintEvictionController,
  nodeDnsController,
  podGarbageCollector,
  ttlAfterFinishedController,
  disruptionController,
  resourceQuotaController,
  claimProtectionController,
  volumeProtectionController,
  attributesClassProtectionController,
  serviceCIDRController,
  clusterRoleAggregationController,
  signingRequestApprovingController,
  nodeCertificateApprovingController,
  signingRequestSigningController,
  signingRequestCleanerController,
  bootstrapSignerController,
  tokenCleanerController,
  secretTokenCleanerController,
  validatingAdmissionPolicyStatusController,
  garbageCollector,
];

/** A `--controllers` list that names a loop which does not exist. */
export class UnknownControllerError extends Error {}

/** The loops that `--controllers` selects: `*` all, `name` one, `-name` all but this one (Kubernetes' own form). */
export function selectControllers(all: readonly Controller[], selection: readonly string[]): readonly Controller[] {
  const names = new Set(all.map((controller) => controller.name));
  for (const word of selection) {
    if (word !== '*' && !names.has(word.replace(/^-/, ''))) throw new UnknownControllerError(`"${word}" is not in the list of known controllers`);
  }
  return all.filter(({ name }) => !selection.includes(`-${name}`) && (selection.includes('*') || selection.includes(name)));
}
