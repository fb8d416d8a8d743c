import { mkdir } from 'node:fs/promises';
import type { V1Pod } from '../../api/generated/types.ts';
import { createCgroup, removeCgroup } from '../../host/cgroups.ts';
import { cgroupParent, podCgroup } from '../podCgroup.ts';
import { identityOf, specOf } from '../podContainers.ts';
import { hostPortsOf } from '../network/hostPorts.ts';
import { podDNS } from '../podDNS.ts';
import { podNames } from '../podHosts.ts';
import { podLogDir, volumesDir } from '../podPaths.ts';
import { podResources } from '../resources.ts';
import type { RuntimePod, Sandbox } from '../runtime/types.ts';
import type { SyncContext } from './context.ts';
import { messageOf } from '../errorText.ts';

/** Directories, cgroup, sandbox and network of a pod. A sandbox that got no address is stopped again. */
export async function createSandbox(context: SyncContext, pod: V1Pod, attempt: number): Promise<{ readonly sandbox: Sandbox; readonly podIPs: readonly string[] }> {
  const spec = specOf(pod);
  const cgroup = podCgroup(pod, context.cgroups);
  await mkdir(volumesDir(context.paths, pod.metadata.uid), { recursive: true, mode: 0o750 });
  await mkdir(podLogDir(context.paths, identityOf(pod)), { recursive: true });
  // Slices are systemd's to make, when the engine asks for them.
  if (context.cgroups.driver === 'cgroupfs') await createCgroup(cgroup, podResources(pod), context.runtimeInfo.cgroupVersion);
  const { dns, omissions } = podDNS(pod, context.dns, await context.hostDNS());
  for (const message of omissions) context.events.pod(pod, 'Warning', 'DNSConfigForming', message);
  const sandbox = await context.runtime.runSandbox({
    pod: identityOf(pod),
    attempt,
    hostname: podNames(pod, context.dns.domain).hostname,
    hostNetwork: spec.hostNetwork ?? false,
    hostPID: spec.hostPID ?? false,
    hostIPC: spec.hostIPC ?? false,
    cgroupParent: cgroupParent(cgroup, context.cgroups.driver),
    sysctls: Object.fromEntries((spec.securityContext?.sysctls ?? []).map(({ name, value }) => [name.replaceAll('/', '.'), value])),
    dns,
  });
  if (sandbox.hostNetwork) return { sandbox, podIPs: context.hostIPs };
  try {
    return { sandbox, podIPs: await context.network.attach(sandbox, hostPortsOf(pod)) };
  } catch (error) {
    await context.runtime.stopSandbox(sandbox.id);
    await context.network.detach({ ...sandbox, pid: 0 });
    const message = messageOf(error);
    throw new Error(`failed to set up sandbox container "${sandbox.id}" network for pod "${pod.metadata.name}": ${message}`, { cause: error });
  }
}

/** Stops a pod's sandboxes and gives their addresses back; their containers have ended. */
export async function stopSandboxes(context: SyncContext, runtime: RuntimePod): Promise<void> {
  for (const sandbox of runtime.sandboxes) {
    if (!sandbox.hostNetwork) await context.network.detach(sandbox);
    if (sandbox.state === 'Ready') await context.runtime.stopSandbox(sandbox.id);
  }
}

export async function removePodCgroup(context: SyncContext, pod: V1Pod): Promise<void> {
  if (context.cgroups.driver === 'cgroupfs') await removeCgroup(podCgroup(pod, context.cgroups), context.runtimeInfo.cgroupVersion);
}
