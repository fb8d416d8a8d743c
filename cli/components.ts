import { type ComponentCommand, together } from './component.ts';
import { openNodeIdentity } from './node/identity.ts';
import { inThread } from './thread.ts';
import { prepareKernelAfterReboot } from './up/kernel.ts';

/** Every component by name; each is loaded only when it is run, so that a process holds no code that it does not need. */
export const COMPONENTS: Readonly<Record<string, () => Promise<ComponentCommand>>> = {
  server: async () => together('server', 'the API server and, in a thread of its own, the scheduler and controller manager', controlPlane),
  loops: async () => together('loops', 'the scheduler and controller manager in one thread', loops),
  agent: async () => onPreparedHost(onJoinedNode(together('agent', 'the kubelet, kube-proxy, network between nodes and cluster DNS in one process', node))),
  apiserver: async () => (await import('./components/apiserver.ts')).apiserver,
  scheduler: async () => (await import('./components/scheduler.ts')).scheduler,
  'controller-manager': async () => (await import('./components/controllerManager.ts')).controllerManager,
  kubelet: async () => (await import('./components/kubelet.ts')).kubelet,
  'kube-proxy': async () => (await import('./components/kubeProxy.ts')).kubeProxy,
  'node-network': async () => (await import('./components/nodeNetwork.ts')).nodeNetwork,
  network: async () => together('network', 'kube-proxy and the network between nodes in one process, for an API server on a host without a kubelet', network),
  dns: async () => (await import('./components/dns.ts')).dns,
  'server-list': async () => (await import('./components/serverList.ts')).serverList,
  upkeep: async () => (await import('./components/upkeep.ts')).upkeep,
};

const load = (names: readonly string[]): Promise<ComponentCommand[]> => Promise.all(names.map((name) => COMPONENTS[name]!()));
const loops = (): Promise<ComponentCommand[]> => load(['scheduler', 'controller-manager']);
const controlPlane = (): Promise<ComponentCommand[]> => load(['apiserver', 'loops', 'upkeep']).then(([apiserver, beside, upkeep]) => [apiserver!, inThread(beside!, process.argv[1]!), upkeep!]);
const node = (): Promise<ComponentCommand[]> => load(['kubelet', 'kube-proxy', 'node-network', 'dns', 'server-list']);
const network = (): Promise<ComponentCommand[]> => load(['kube-proxy', 'node-network']);

/** Before kube-proxy changes a kernel parameter itself, so that what `down` puts back is the value that the boot began with. */
function onPreparedHost(command: ComponentCommand): ComponentCommand {
  return {
    ...command,
    async start(values, settings, context) {
      await prepareKernelAfterReboot(settings.paths);
      return command.start(values, settings, context);
    },
  };
}

/** With certificates from the cluster, where the machine has none of its own. */
function onJoinedNode(command: ComponentCommand): ComponentCommand {
  return {
    ...command,
    async start(values, settings, context) {
      const stop = new AbortController();
      const signal = AbortSignal.any([context.signal, stop.signal]);
      const identity = await openNodeIdentity(settings, { ...context, signal });
      const running = await command.start(values, settings, { ...context, signal });
      return { stopped: Promise.all([running.stopped.finally(() => stop.abort()), identity.stopped]).then(() => undefined) };
    },
  };
}
