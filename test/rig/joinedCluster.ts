import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SupervisorState } from '../../cli/supervisor/supervisorFiles.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import type { RigHost } from './host.ts';
import { eventually } from './processes.ts';
import { repositoryRoot } from './repositoryRoot.ts';
import type { Rig } from './rig.ts';

const gantry = join(repositoryRoot, 'bin/gantry');

export interface JoinedClusterOptions {
  readonly controlPlanes: number;
  readonly workers: number;
  /** Words for every `up` and `join`, e.g. `--set=controller-manager.node-monitor-grace-period=4s`. */
  readonly words?: readonly string[];
  /** Called for each host before Gantry is started on it. */
  readonly prepare?: (host: RigHost) => Promise<void>;
}

/** A cluster over several hosts, made as a user makes one: `up` on the first, `join` on the others. Control planes are `cp1`, `cp2` …, workers `node1` …. */
export interface JoinedCluster {
  readonly controlPlanes: readonly RigHost[];
  readonly workers: readonly RigHost[];
  readonly hosts: readonly RigHost[];
}

export async function joinCluster(rig: Rig, options: JoinedClusterOptions): Promise<JoinedCluster> {
  const { words = [], prepare } = options;
  const add = async (name: string): Promise<RigHost> => {
    const host = await rig.addHost(name);
    await prepare?.(host);
    return host;
  };
  const first = await add('cp1');
  await first.check([gantry, 'up', ...words], { timeoutMilliseconds: 300_000 });
  const controlPlanes = [first];
  for (let at = 2; at <= options.controlPlanes; at += 1) {
    const line = (await first.check([gantry, 'token', 'create', '--control-plane'])).trim().split(' ').slice(1);
    const host = await add(`cp${at}`);
    await host.check([gantry, ...line, '--etcd', ...words], { timeoutMilliseconds: 300_000 });
    controlPlanes.push(host);
  }
  const workers: RigHost[] = [];
  const line = options.workers === 0 ? [] : (await first.check([gantry, 'token', 'create'])).trim().split(' ').slice(1);
  for (let at = 1; at <= options.workers; at += 1) {
    const host = await add(`node${at}`);
    await host.check([gantry, ...line, ...words], { timeoutMilliseconds: 300_000 });
    workers.push(host);
  }
  return { controlPlanes, workers, hosts: [...controlPlanes, ...workers] };
}

/** The administrator's way to the API server of a control plane; from a process that can reach the rig's hosts. */
export function adminConfig(host: RigHost): ClientConfig {
  const { clusters, users } = JSON.parse(readFileSync(host.path('/etc/kubernetes/admin.conf'), 'utf8')) as {
    clusters: Array<{ cluster: Record<'certificate-authority-data', string> }>;
    users: Array<{ user: Record<'client-certificate-data' | 'client-key-data', string> }>;
  };
  const decode = (text: string): string => Buffer.from(text, 'base64').toString();
  const { user } = users[0]!;
  return { servers: [`https://${host.address}:6443`], ca: decode(clusters[0]!.cluster['certificate-authority-data']), certificate: decode(user['client-certificate-data']), key: decode(user['client-key-data']) };
}

/** The process of a host's service (`etcd`, `server`, `agent`, `docker`), by the host's count; undefined while it does not run. */
export function serviceProcess(host: RigHost, service: string): number | undefined {
  const { services } = JSON.parse(readFileSync(host.path('/run/gantry/services.json'), 'utf8')) as SupervisorState;
  const found = services.find(({ name }) => name === service);
  return found?.state === 'running' ? found.process?.pid : undefined;
}

/** Waits until every API server of the given hosts says that it is ready. */
export async function serversReady(hosts: readonly RigHost[], seconds = 120): Promise<void> {
  for (const host of hosts) {
    await eventually(`the API server of ${host.name} is ready`, seconds * 1000, async () => {
      const { stdout } = await host.kubectl('1.32', ['--kubeconfig=/etc/kubernetes/admin.conf', 'get', '--raw', '/readyz', '--request-timeout=10s']);
      return stdout === 'ok' ? true : undefined;
    });
  }
}
