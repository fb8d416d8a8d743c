import { existsSync } from 'node:fs';
import { Leases, Nodes } from '../../client/resources.ts';
import type { KubeClient } from '../../client/types.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { InterruptedError, type Invocation, UserError } from '../invocation.ts';
import { askA } from './dnsQuery.ts';

/** One thing that has to come true before a cluster can be used. */
interface Milestone {
  readonly what: string;
  /** Undefined when it is true; else why not yet. */
  check(): Promise<string | undefined>;
}

const POLL_MILLISECONDS = 100;

/** The API server answers. Throws after the time, with the last reason. */
export async function waitForServer(client: KubeClient, invocation: Invocation, timeoutMilliseconds = 120_000): Promise<void> {
  await reach([{ what: 'The API server is ready', check: () => serverReady(client) }], invocation, timeoutMilliseconds);
}

/** A joining machine's own kubeconfig: it is there when the cluster has signed its certificate. */
export async function waitForFile(file: string, invocation: Invocation, timeoutMilliseconds = 120_000): Promise<void> {
  const check = async (): Promise<string | undefined> => (existsSync(file) ? undefined : 'the cluster has not signed the certificate of this node (on a control plane: kubectl get csr)');
  await reach([{ what: 'The node has its certificate', check }], invocation, timeoutMilliseconds);
}

/**
 * The node has reported since `startedAt` (wall-clock milliseconds; what it said before it was stopped does not count), is Ready, and
 * the cluster DNS answers. Throws after the time, with the last reason.
 */
export async function waitForNode(client: KubeClient, settings: ClusterSettings, startedAt: number, invocation: Invocation, timeoutMilliseconds = 120_000): Promise<void> {
  const { nodeName, dnsAddress, clusterDomain, serviceAddress } = settings;
  await reach(
    [
      { what: `Node ${nodeName} is Ready`, check: () => nodeReady(client, nodeName, startedAt) },
      {
        what: 'The cluster DNS answers',
        async check() {
          const addresses = await askA(dnsAddress, `kubernetes.default.svc.${clusterDomain}`, invocation.clock);
          if (addresses === undefined) return `no answer from ${dnsAddress}`;
          return addresses.includes(serviceAddress) ? undefined : `it does not say that the API server is at ${serviceAddress}`;
        },
      },
    ],
    invocation,
    timeoutMilliseconds,
  );
}

async function reach(milestones: readonly Milestone[], { clock, terminal, signal }: Invocation, timeoutMilliseconds: number): Promise<void> {
  for (const milestone of milestones) {
    const { what } = milestone;
    const started = clock.monotonic();
    let told = 0;
    for (;;) {
      const reason = await milestone.check();
      const seconds = (clock.monotonic() - started) / 1000;
      if (reason === undefined) {
        terminal.say(`  ${what} (${seconds.toFixed(1)} s)`);
        break;
      }
      if (seconds * 1000 > timeoutMilliseconds) throw new UserError(`Not within ${timeoutMilliseconds / 1000} s: ${what}. The last that was seen: ${reason}\nWhat was started goes on. bin/gantry status says what is wrong with it; bin/gantry down takes it back.`);
      if (seconds - told >= 10) {
        told = seconds;
        terminal.say(`  … still waiting: ${reason}`);
      }
      await clock.sleep(POLL_MILLISECONDS, signal);
      if (signal.aborted) throw new InterruptedError('Interrupted. What was started goes on; gantry up goes on from there, gantry down stops it.');
    }
  }
}

async function serverReady(client: KubeClient): Promise<string | undefined> {
  try {
    const { status, body } = await client.raw({ method: 'GET', path: '/readyz' });
    return status === 200 ? undefined : `/readyz answers ${status}: ${body.toString().slice(0, 200)}`;
  } catch (error) {
    return reasonOf(error);
  }
}

async function nodeReady(client: KubeClient, name: string, startedAt: number): Promise<string | undefined> {
  try {
    const node = await client.get(Nodes, name);
    const lease = await client.get(Leases, name, 'kube-node-lease');
    if (Date.parse(lease.spec?.renewTime ?? '') < startedAt) return 'the node has not reported since it was started';
    const ready = node.status?.conditions?.find(({ type }) => type === 'Ready');
    if (ready?.status === 'True') return undefined;
    return ready?.message ?? 'the node has not reported yet';
  } catch (error) {
    return reasonOf(error);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
