import type { V1Container, V1Pod, V1Probe } from '../../api/generated/types.ts';
import type { Clock } from '../../process/clock.ts';
import { messageOf } from '../errorText.ts';
import { type ContainerRuntime, ExecTimeoutError } from '../runtime/types.ts';
import { type ProbeAttempt, probeHttp, probeTcp } from './networkProbes.ts';
import { timeoutOf } from './probeState.ts';

const OUTPUT_LIMIT = 10 * 1024;

export interface ProbeTarget {
  readonly pod: V1Pod;
  readonly container: V1Container;
  readonly containerId: string;
}

/** Makes one attempt; what keeps it from being made is an `unknown` outcome. */
export type Prober = (probe: V1Probe, target: ProbeTarget) => Promise<ProbeAttempt>;

export function prober(runtime: Pick<ContainerRuntime, 'execSync'>, clock: Clock): Prober {
  return async (probe, target) => {
    try {
      return await attempt(probe, target, runtime, clock);
    } catch (error) {
      return { outcome: 'unknown', output: messageOf(error) };
    }
  };
}

async function attempt(probe: V1Probe, { pod, container, containerId }: ProbeTarget, runtime: Pick<ContainerRuntime, 'execSync'>, clock: Clock): Promise<ProbeAttempt> {
  const timeout = timeoutOf(probe);
  const podIP = pod.status?.podIP ?? '';
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) return probeExec(runtime, containerId, exec.command ?? [], timeout);
  if (httpGet) return probeHttp({ url: probeURL(httpGet, container, podIP), headers: (httpGet.httpHeaders ?? []).map(({ name, value }) => [name, value] as const) }, timeout);
  if (tcpSocket) return probeTcp(tcpSocket.host || podIP, probePort(tcpSocket.port, container), timeout);
  // The gRPC library is large, and few pods have such probes: loaded with the first.
  if (grpc) return (await import('./grpcProbe.ts')).probeGrpc(podIP, grpc.port, grpc.service ?? '', timeout, clock.now());
  throw new Error(`missing probe handler for ${pod.metadata.namespace}/${pod.metadata.name}:${container.name}`);
}

async function probeExec(runtime: Pick<ContainerRuntime, 'execSync'>, containerId: string, command: readonly string[], timeout: number): Promise<ProbeAttempt> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(containerId, command, timeout);
    return { outcome: exitCode === 0 ? 'success' : 'failure', output: Buffer.concat([stdout, stderr]).subarray(0, OUTPUT_LIMIT).toString('utf8') };
  } catch (error) {
    if (!(error instanceof ExecTimeoutError)) throw error;
    return { outcome: 'failure', output: `command timed out: "${command.join(' ')}" timed out after ${timeout / 1000}s` };
  }
}

/** A port by number, or by the name that the container gives it (`probe.ResolveContainerPort`). */
export function probePort(port: number | string, container: V1Container): number {
  const number = typeof port === 'number' ? port : (container.ports?.find(({ name }) => name === port)?.containerPort ?? Number(port));
  if (!Number.isInteger(number)) throw new Error(`couldn't find named port ${JSON.stringify(port)} in container ${container.name}`);
  if (number < 1 || number > 65_535) throw new Error(`invalid port number: ${port}`);
  return number;
}

function probeURL(action: NonNullable<V1Probe['httpGet']>, container: V1Container, podIP: string): URL {
  const host = action.host || podIP;
  const path = action.path?.startsWith('/') ? action.path : `/${action.path ?? ''}`;
  return new URL(`${(action.scheme ?? 'HTTP').toLowerCase()}://${host.includes(':') ? `[${host}]` : host}:${probePort(action.port, container)}${path}`);
}
