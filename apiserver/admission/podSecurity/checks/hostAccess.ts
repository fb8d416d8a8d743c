import type { V1Container, V1LifecycleHandler, V1Probe } from '../../../../api/generated/types.ts';
import { type Check, containersNamed, containersOf, distinct, plural, quoted, setters } from './check.ts';

/** The host's network, processes and memory. */
export const hostNamespaces: Check = {
  id: 'hostNamespaces',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ spec }) {
        const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
        return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
      },
    },
  ],
};

export const hostPathVolumes: Check = {
  id: 'hostPathVolumes',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ spec }) {
        const names = (spec.volumes ?? []).filter(({ hostPath }) => hostPath !== undefined).map(({ name }) => name);
        return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', names.length)} ${quoted(names)}` };
      },
    },
  ],
};

export const hostPorts: Check = {
  id: 'hostPorts',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ spec }) {
        const used = containersOf(spec).map(({ name, ports = [] }) => ({ name, ports: ports.flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : [])) })).filter(({ ports }) => ports.length > 0);
        if (used.length === 0) return undefined;
        const ports = distinct(used.flatMap((each) => each.ports));
        return { reason: 'hostPort', detail: `${containersNamed(used.map(({ name }) => name))} ${used.length === 1 ? 'uses' : 'use'} ${plural('hostPort', ports.length)} ${ports.join(', ')}` };
      },
    },
  ],
};

/** Probes and hooks run on the node: a host in them reaches what the pod itself may not. */
export const hostProbesAndHostLifecycle: Check = {
  id: 'hostProbesAndHostLifecycle',
  level: 'baseline',
  versions: [
    {
      minor: 34,
      check({ spec }) {
        const used = containersOf(spec).map((container) => ({ name: container.name, hosts: hostsOf(container) })).filter(({ hosts }) => hosts.length > 0);
        if (used.length === 0) return undefined;
        const hosts = distinct(used.flatMap((each) => each.hosts));
        const names = distinct(used.map(({ name }) => name));
        return { reason: 'probe or lifecycle host', detail: `${containersNamed(names)} ${names.length === 1 ? 'uses' : 'use'} ${plural('probe or lifecycle host', hosts.length)} ${quoted(hosts)}` };
      },
    },
  ],
};

function hostsOf({ livenessProbe, readinessProbe, startupProbe, lifecycle }: V1Container): string[] {
  const handlers: (V1Probe | V1LifecycleHandler | undefined)[] = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop];
  return handlers.flatMap((handler) => [handler?.httpGet?.host ?? '', handler?.tcpSocket?.host ?? '']).filter((host) => host !== '');
}

export const windowsHostProcess: Check = {
  id: 'windowsHostProcess',
  level: 'baseline',
  versions: [
    {
      minor: 0,
      check({ spec }) {
        const bad = containersOf(spec).filter(({ securityContext }) => securityContext?.windowsOptions?.hostProcess === true).map(({ name }) => name);
        const by = setters(spec.securityContext?.windowsOptions?.hostProcess === true, bad);
        return by.length === 0 ? undefined : { reason: 'hostProcess', detail: `${by.join(' and ')} must not set securityContext.windowsOptions.hostProcess=true` };
      },
    },
  ],
};
