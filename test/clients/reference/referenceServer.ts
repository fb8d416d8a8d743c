import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../../host/freePorts.ts';
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

/** A control plane of Gantry's, and Kubernetes' own API server of custom resources beside it. */
export interface Pair {
  readonly gantry: Side;
  readonly kubernetes: Side;
  /** What Kubernetes' server has written so far, for a fault's message. */
  log(): string;
  close(): Promise<void>;
}

/**
 * Starts Kubernetes 1.36's apiextensions-apiserver (`buildGoPackage('k8s.io/apiextensions-apiserver')`): its own CustomResourceDefinitions and custom resources, in the same etcd under a
 * prefix of their own; namespaces, webhooks, policies, flow control, and who may do what, from Gantry's API, which is its core one. All that is generic in kube-apiserver is in it: the
 * request handlers, the encodings, patches, apply, watches, admission, and CEL.
 */
export async function startPair(plane: ControlPlane, program: string, flags: readonly string[] = []): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-reference-'));
  const [port = 0] = await freePorts(1);
  const { clientConfig } = plane;
  writeFileSync(join(folder, 'client.crt'), clientConfig.ca ?? '');
  const log = join(folder, 'log');
  const output = openSync(log, 'a');
  const kubeconfigs = ['kubeconfig', 'authentication-kubeconfig', 'authorization-kubeconfig'].map((name) => `--${name}=${plane.kubeconfig}`);
  const own = [`--secure-port=${port}`, '--bind-address=127.0.0.1', `--cert-dir=${folder}`, `--client-ca-file=${folder}/client.crt`];
  const storage = [`--etcd-servers=${plane.etcd.endpoint}`, '--etcd-prefix=/reference'];
  // The kernel ends it with this process, however that one ends.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', program, ...own, ...kubeconfigs, '--authentication-skip-lookup', ...storage, ...flags], { stdio: ['ignore', output, output], cwd: folder });
  closeSync(output);
  const exited = once(child, 'exit');
  const sideOf = (at: number, agent: https.Agent): Side => ({
    port: at,
    agent,
    request: (method, path, body, headers) => send(agent, at, method, path, body, headers),
    watch: (path) => readWatch(agent, at, path),
  });
  const { ca, certificate: cert, key } = clientConfig;
  const gantry = sideOf(Number(new URL(clientConfig.servers[0]!).port), new https.Agent({ keepAlive: true, ca, cert, key, maxSockets: 32 }));
  // Who asks without a name, as for an address, is shown a certificate that no authority has signed: the one by which it speaks with itself.
  const kubernetes = sideOf(port, new https.Agent({ keepAlive: true, rejectUnauthorized: false, cert, key, maxSockets: 32 }));
  const readLog = (): string => readFileSync(log, 'utf8');
  const close = async (): Promise<void> => {
    child.kill('SIGKILL');
    await exited;
    for (const { agent } of [gantry, kubernetes]) agent.destroy();
    rmSync(folder, { recursive: true, force: true });
  };
  let last = '';
  try {
    await eventually("Kubernetes' server is ready", 20_000, async () => {
      if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`);
      const answer = await kubernetes.request('GET', '/readyz?verbose').catch((error: Error) => error);
      last = answer instanceof Error ? answer.message : answer.text;
      return 'status' in answer && answer.status === 200 ? true : undefined;
    });
  } catch (error) {
    const text = readLog();
    await close();
    throw new Error(`${(error as Error).message}: ${last}\n${text.slice(-4_000)}`, { cause: error });
  }
  return { gantry, kubernetes, log: readLog, close };
}
