import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ClientConfig } from '../../../client/clientConfig.ts';
import { freePorts } from '../../../host/freePorts.ts';
import { kubeconfigText } from '../../../process/kubeconfigText.ts';
import { type Answer, readWatch, send, type WatchReader } from '../../rig/apiserver.ts';
import type { ControlPlane } from '../../rig/controlPlane.ts';
import { eventually } from '../../rig/processes.ts';

/** An API server that is asked as the administrator of both. */
export interface Side {
  readonly port: number;
  readonly agent: https.Agent;
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  watch(path: string): WatchReader;
}

/** A control plane of Gantry's, and Kubernetes' own API server beside it. */
export interface Pair {
  readonly gantry: Side;
  readonly kubernetes: Side;
  /** What Kubernetes' server has written so far, for a fault's message. */
  log(): string;
  close(): Promise<void>;
}

export interface ReferenceServer {
  readonly side: Side;
  /** As the administrator. */
  readonly config: ClientConfig;
  readonly pid: number;
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts Kubernetes 1.36's API server of custom resources (`../go/server`): its own CustomResourceDefinitions, custom resources and ConfigMaps, in `etcd` under a prefix of their own;
 * namespaces, webhooks, policies, flow control, and who may do what, from the API of `core`, Gantry's. All that is generic in kube-apiserver is in it: the request handlers, the
 * encodings, patches, apply, watches, admission, and CEL.
 */
export async function startReference(core: ClientConfig, etcd: string, program: string, flags: readonly string[] = []): Promise<ReferenceServer> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-reference-'));
  const [port = 0] = await freePorts(1);
  const { servers, ca = '', certificate = '', key = '' } = core;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigText({ user: 'reference', server: servers[0]!, authority: ca, credentials: { pair: { certificate, key } } }), { mode: 0o600 });
  writeFileSync(join(folder, 'client.crt'), ca);
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const kubeconfigs = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((name) => `--${name}=${kubeconfig}`);
  const own = [`--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${folder}`, `--client-ca-file=${folder}/client.crt`];
  const storage = [`--etcd-servers=${etcd}`, '--etcd-prefix=/reference'];
  // It owns fields by the name of its program.
  const named = join(folder, 'kube-apiserver');
  symlinkSync(program, named);
  // The kernel ends it with this process, however that one ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', named, ...own, ...kubeconfigs, '--authentication-skip-lookup', ...storage, ...flags], { stdio: ['ignore', output, output], cwd: folder });
  closeSync(output);
  const exited = once(child, 'exit');
  // Who asks without a name, as for an address, is shown a certificate that no authority has signed: the one by which it speaks with itself.
  const side = sideOf(port, new https.Agent({ keepAlive: true, rejectUnauthorized: false, cert: certificate, key, maxSockets: 32 }));
  const readLog = (): string => readFileSync(log, 'utf8');
  const stop = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    side.agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  let last = '';
  try {
    await eventually("Kubernetes' server is ready", 60_000, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      const answer = await side.request('GET', '/readyz?verbose').catch((error: Error) => error);
      last = answer instanceof Error ? answer.message : answer.text;
      return 'status' in answer && answer.status === 200 ? true : undefined;
    });
  } catch (error) {
    const text = readLog();
    await stop();
    throw new Error(`${(error as Error).message}: ${last}\n${text.slice(-4_000)}`, { cause: error });
  }
  return { side, config: { servers: [`https://127.0.0.1:${port}`], certificate, key, insecureSkipTLSVerify: true }, pid: child.pid!, log: readLog, stop };
}

/** A reference whose core is this control plane, in its etcd, to be asked beside it. */
export async function startPair(plane: ControlPlane, program: string, flags: readonly string[] = []): Promise<Pair> {
  const { servers, ca, certificate: cert, key } = plane.clientConfig;
  const reference = await startReference(plane.clientConfig, plane.etcd.endpoint, program, flags);
  const gantry = sideOf(Number(new URL(servers[0]!).port), new https.Agent({ keepAlive: true, ca, cert, key, maxSockets: 32 }));
  return {
    gantry,
    kubernetes: reference.side,
    log: () => reference.log(),
    close: async () => {
      gantry.agent.destroy();
      await reference.stop();
    },
  };
}

const sideOf = (port: number, agent: https.Agent): Side => ({
  port,
  agent,
  request: (method, path, body, headers) => send(agent, port, method, path, body, headers),
  watch: (path) => readWatch(agent, port, path),
});
