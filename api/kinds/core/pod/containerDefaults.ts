import type { V1Container, V1LifecycleHandler, V1ObjectFieldSelector, V1Probe, V1ResourceFieldSelector, V1ResourceRequirements } from '../../../generated/types.ts';
import { defaultPullPolicy } from '../../../values/imageName.ts';
import { canonicalQuantity } from '../../../values/quantity.ts';
import { canonicalizeResources } from '../../../values/resourceList.ts';

/** Sets a container's defaults in place, of whichever of the three lists it is in. */
export function setContainerDefaults(container: V1Container): void {
  container.imagePullPolicy ||= defaultPullPolicy(container.image);
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.resources ??= {};
  setResourceDefaults(container.resources);
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const { valueFrom } of container.env ?? []) {
    if (valueFrom?.fieldRef) setFieldRefDefaults(valueFrom.fieldRef);
    if (valueFrom?.resourceFieldRef) setResourceFieldRefDefaults(valueFrom.resourceFieldRef);
    if (valueFrom?.fileKeyRef) valueFrom.fileKeyRef.optional ??= false;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) if (probe) setProbeDefaults(probe);
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) if (handler) setHandlerDefaults(handler);
}

export function setResourceDefaults(resources: V1ResourceRequirements): void {
  canonicalizeResources(resources.limits);
  canonicalizeResources(resources.requests);
}

export function setFieldRefDefaults(reference: V1ObjectFieldSelector): void {
  reference.apiVersion ||= 'v1';
}

export function setResourceFieldRefDefaults(reference: V1ResourceFieldSelector): void {
  reference.divisor = canonicalQuantity(reference.divisor ?? '0');
}

function setProbeDefaults(probe: V1Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  setHandlerDefaults(probe);
  if (probe.grpc) probe.grpc.service ??= '';
}

function setHandlerDefaults(handler: Pick<V1LifecycleHandler, 'httpGet'>): void {
  if (!handler.httpGet) return;
  handler.httpGet.path ||= '/';
  handler.httpGet.scheme ||= 'HTTP';
}
