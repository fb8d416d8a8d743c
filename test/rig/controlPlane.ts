import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdmissionSettings } from '../../apiserver/admission/pluginOrder.ts';
import { type ApiServerConfig, start as startApiServer } from '../../apiserver/main.ts';
import type { StorageConfig } from '../../apiserver/storage/openStorage.ts';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { RestClient } from '../../client/restClient.ts';
import type { ControllerSettings } from '../../controllers/controller.ts';
import { defaultControllerSettings, start as startControllerManager } from '../../controllers/main.ts';
import { issueCertificate } from '../../process/certificates.ts';
import { type Clock, systemClock } from '../../process/clock.ts';
import { createLogger, silentLogger } from '../../process/log.ts';
import { start as startScheduler } from '../../scheduler/main.ts';
import { type EtcdMember, startEtcd } from './etcd.ts';
import { serverSetting } from './serverSetting.ts';
import { type KubectlResult, type KubectlVersion, runKubectl } from './kubectl.ts';

/** A control plane without nodes: a real etcd, API server, control loops and scheduler, for what needs no kubelet. */
export interface ControlPlane {
  readonly clientConfig: ClientConfig;
  readonly client: RestClient;
  readonly kubeconfig: string;
  readonly etcd: EtcdMember;
  /** Another component, by the common name and the organizations (groups) of its certificate. */
  connectAs(commonName: string, organizations?: readonly string[]): Promise<ClientConfig>;
  /** Runs kubectl as the administrator; any exit code is an answer. */
  kubectl(words: readonly string[], options?: { readonly input?: string; readonly version?: KubectlVersion; readonly timeoutMilliseconds?: number; readonly environment?: Readonly<Record<string, string>> }): Promise<KubectlResult>;
  /** As `kubectl`, with the words split at spaces; gives stdout without the last newline, and throws with stderr when it fails. */
  run(words: string, input?: string): Promise<string>;
  /** Stops the API server, which cuts off every client, and starts it again on its port and etcd. */
  restartApiServer(): Promise<void>;
  close(): Promise<void>;
}

export interface ControlPlaneOptions {
  /** Loops by Kubernetes' `--controllers`; all unless given. */
  readonly controllers?: readonly string[];
  readonly scheduler?: boolean;
  /** What differs from Kubernetes' defaults; nodes stay Ready without kubelets unless it says otherwise. */
  readonly settings?: Partial<ControllerSettings>;
  /** Which admission plugins the API server has, and their configurations. */
  readonly admission?: AdmissionSettings;
  /** By which the control loops live, where a test cannot wait for theirs; the machine's unless given. */
  readonly controllerClock?: Clock;
  /** What the API server is given besides. */
  readonly api?: Partial<Omit<ApiServerConfig, 'etcd'>>;
  /** How it deals with etcd; patiently unless given. */
  readonly storage?: Partial<Omit<StorageConfig, 'endpoints'>>;
  /** Whether the components' warnings are printed. */
  readonly verbose?: boolean;
}

/** Starts it all in this process, on loopback; `close` stops it and removes its files. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const etcd = await startEtcd();
  const stop = new AbortController();
  const { config, authority, administrator } = await serverSetting(etcd.endpoints, 'kubernetes-admin');
  const componentConfig = async (commonName: string, organizations: readonly string[] = []): Promise<ClientConfig> => {
    const { certificate, key } = await issueCertificate(authority, { commonName, organizations, usages: ['client'] }, Date.now());
    return { ...clientConfig, certificate, key };
  };
  const logger = options.verbose ? createLogger('control-plane', { level: 'warn' }) : silentLogger;
  const context = { clock: systemClock, logger, signal: stop.signal };
  const apiConfig: ApiServerConfig = { ...config, etcd: { ...config.etcd, ...options.storage }, ...(options.admission ? { admission: options.admission } : {}), ...options.api };
  let apiStop = new AbortController();
  let api = await startApiServer(apiConfig, { ...context, signal: apiStop.signal });
  const { port } = api;
  const clientConfig: ClientConfig = { servers: [`https://127.0.0.1:${port}`], ...administrator };
  const client = new RestClient(clientConfig, { component: 'test', clock: systemClock });
  // The roles of the components are there by then.
  await eventually('the API server is ready', async () => ((await client.raw({ method: 'GET', path: '/readyz' })).status === 200 ? true : undefined), 90);
  const scheduler = options.scheduler === false ? undefined : await startScheduler({ kubeconfig: await componentConfig('system:kube-scheduler'), identity: 'test', leaderElect: false }, context);

  const manager = await startControllerManager(
    {
      client: await componentConfig('system:kube-controller-manager'),
      controllers: options.controllers ?? ['*'],
      leaderElect: false,
      // No kubelet renews these nodes' leases.
      settings: { ...defaultControllerSettings, nodeMonitorGracePeriod: 3_600_000, nodeStartupGracePeriod: 3_600_000, ...options.settings },
      clusterCA: authority.certificate,
      signing: { authority: () => authority, duration: 365 * 86_400_000 },
      serviceAccountKey: config.serviceAccountKey,
    },
    { ...context, clock: options.controllerClock ?? systemClock },
  );
  const folder = mkdtempSync(join(tmpdir(), 'gantry-control-plane-'));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(clientConfig), { mode: 0o600 });
  const kubectl: ControlPlane['kubectl'] = (words, { input, version = '1.32', timeoutMilliseconds = 120_000, environment = {} } = {}) =>
    runKubectl(version, [`--cache-dir=${join(folder, `cache-${version}`)}`, ...words], { kubeconfig, timeoutMilliseconds, environment, ...(input === undefined ? {} : { input }) });
  return {
    clientConfig,
    client,
    kubeconfig,
    etcd: etcd.member,
    connectAs: componentConfig,
    kubectl,
    run: async (words, input) => {
      const { code, stdout, stderr } = await kubectl(words.split(' '), input === undefined ? {} : { input });
      if (code !== 0) throw new Error(`kubectl ${words} ended with ${code}: ${stderr}${stdout}`);
      return stdout.trimEnd();
    },
    restartApiServer: async () => {
      apiStop.abort();
      await api.stopped;
      apiStop = new AbortController();
      api = await startApiServer({ ...apiConfig, securePort: port }, { ...context, signal: apiStop.signal });
    },
    close: async () => {
      stop.abort();
      await manager.stopped;
      await scheduler?.stopped;
      client.close();
      apiStop.abort();
      await api.stopped;
      await etcd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function kubeconfigOf({ servers, ca, certificate, key }: ClientConfig): string {
  const encode = (text: string | undefined): string => Buffer.from(text ?? '').toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    clusters: [{ name: 'test', cluster: { server: servers[0], 'certificate-authority-data': encode(ca) } }],
    users: [{ name: 'admin', user: { 'client-certificate-data': encode(certificate), 'client-key-data': encode(key) } }],
  });
}

/** Waits until `look` gives something; throws with what was waited for after `seconds`. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, seconds = 60): Promise<T> {
  for (const end = Date.now() + seconds * 1000; ; ) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await systemClock.sleep(50);
  }
}
