import { startWholeServer } from '../rig/wholeServer.ts';

/** How often the event loop is looked at, in milliseconds. */
const LOOK_MS = 1;

/** What the benchmark's process is told. */
export type TurnReport = { readonly kind: 'ready'; readonly port: number } | { readonly kind: 'longest'; readonly milliseconds: number };

export const TOKEN = 'bench';

/**
 * A whole API server in a process of its own, which tells how long the longest turn of its event loop was since it was asked last. Counted is the CPU of its thread,
 * which is the same on a quiet machine and says something on another one, too. Ends with who started it.
 */
async function serveAndWatch(): Promise<void> {
  const server = await startWholeServer({ tokenAuthFile: `${TOKEN},admin,uid,system:masters` });
  let longest = 0;
  let before = usedMilliseconds();
  setInterval(() => {
    const now = usedMilliseconds();
    longest = Math.max(longest, now - before);
    before = now;
  }, LOOK_MS);
  const tell = (report: TurnReport): boolean => process.send!(report);
  process.on('message', (message) => {
    if (message === 'stop') return process.disconnect?.();
    tell({ kind: 'longest', milliseconds: longest });
    longest = 0;
  });
  process.once('disconnect', () => {
    void server.close().then(() => process.exit(0));
  });
  tell({ kind: 'ready', port: server.port });
}

function usedMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

if (process.send) await serveAndWatch();
