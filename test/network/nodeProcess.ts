import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { ClientConfig } from '../../client/clientConfig.ts';
import { start as startProxy, type KubeProxyConfig } from '../../kube-proxy/main.ts';
import { start as startNetwork, type NodeNetworkConfig } from '../../node-network/main.ts';
import { systemClock } from '../../process/clock.ts';
import { createLogger } from '../../process/log.ts';

/** What one node's process is told, as one line of JSON. */
export interface NodeProcessConfig {
  readonly client: ClientConfig;
  /** Unix socket that leads to the API server's port. */
  readonly relay: string;
  readonly network: Omit<NodeNetworkConfig, 'client' | 'kernel'>;
  readonly proxy?: Omit<KubeProxyConfig, 'client' | 'kernel'>;
  readonly logLevel: 'info' | 'warn' | 'error';
}

/**
 * The network components of one node, in the network namespace of a host which has no way to the API server but a Unix socket. Prints "ready" when they
 * have started; ends with its standard input.
 */
const config = await new Promise<NodeProcessConfig>((resolve) => {
  createInterface({ input: process.stdin }).once('line', (line) => resolve(JSON.parse(line) as NodeProcessConfig));
});
const stop = new AbortController();
process.stdin.on('end', () => stop.abort()).resume();
const relay = createServer((near) => {
  const far = connect(config.relay);
  near.on('error', () => far.destroy()).pipe(far);
  far.on('error', () => near.destroy()).pipe(near);
});
const port = Number(new URL(config.client.servers[0]!).port);
await new Promise<void>((resolve, reject) => relay.on('error', reject).listen(port, '127.0.0.1', resolve));
const logger = createLogger(config.network.nodeName, { level: config.logLevel });
const running = [await startNetwork({ ...config.network, client: config.client }, { clock: systemClock, logger: logger.child({ part: 'node-network' }), signal: stop.signal })];
if (config.proxy) running.push(await startProxy({ ...config.proxy, client: config.client }, { clock: systemClock, logger: logger.child({ part: 'kube-proxy' }), signal: stop.signal }));
process.stdout.write('ready\n');
await Promise.all(running.map(({ stopped }) => stopped));
relay.close();
process.exit(0);
