import type { V1ComponentStatus } from '../../api/generated/types.ts';
import type { Draft } from '../../api/meta.ts';
import type { ComputedResource } from '../types.ts';
import { probeHealth } from './probeHealth.ts';

/** What a look at a component found: in the words of Kubernetes' probes. */
export interface ComponentHealth {
  readonly healthy: boolean;
  readonly message: string;
  /** Why nothing could be learnt, where the component itself said nothing. */
  readonly error?: string;
}

/** The ports, on this machine, where the other components of the control plane tell how they are. */
export interface ComponentPorts {
  readonly controllerManager: number;
  readonly scheduler: number;
}

/** Kubernetes' ports. */
export const DEFAULT_COMPONENT_PORTS: ComponentPorts = { controllerManager: 10_257, scheduler: 10_259 };

/** The ComponentStatuses, which nothing stores: each look asks the components of this machine. `etcdTrouble` resolves with what is wrong with etcd. */
export function componentStatuses(ports: ComponentPorts, etcdTrouble: () => Promise<string | undefined>): ComputedResource {
  const probes: Readonly<Record<string, () => Promise<ComponentHealth>>> = {
    'controller-manager': () => probeHealth(`http://127.0.0.1:${ports.controllerManager}/healthz`),
    scheduler: () => probeHealth(`http://127.0.0.1:${ports.scheduler}/healthz`),
    'etcd-0': async () => etcdHealth(await etcdTrouble()),
  };
  const look = async (name: string, probe: () => Promise<ComponentHealth>): Promise<Draft<V1ComponentStatus>> => componentStatus(name, await probe());
  return {
    group: '',
    resource: 'componentstatuses',
    list: () => Promise.all(Object.entries(probes).map(([name, probe]) => look(name, probe))),
    get: async (name) => {
      const probe = Object.hasOwn(probes, name) ? probes[name] : undefined;
      return probe && look(name, probe);
    },
    notFound: (name) => `Component not found: ${name}`,
  };
}

const etcdHealth = (trouble: string | undefined): ComponentHealth => (trouble === undefined ? { healthy: true, message: 'ok' } : { healthy: false, message: '', error: trouble });

export function componentStatus(name: string, { healthy, message, error }: ComponentHealth): Draft<V1ComponentStatus> {
  const condition = { type: 'Healthy', status: healthy ? 'True' : 'False', ...(message === '' ? {} : { message }), ...(error === undefined ? {} : { error }) };
  return { apiVersion: 'v1', kind: 'ComponentStatus', metadata: { name }, conditions: [condition] };
}
