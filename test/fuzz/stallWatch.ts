/**
 * Loaded before a server (`node --import`): writes `stall MILLISECONDS` to standard output whenever its main thread has worked longer than that
 * without coming back to its event loop. What counts is the time that the thread had the processor, whoever else the machine works for.
 */
const LIMIT_MS = 100;
const TICK_MS = 5;

const worked = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
};

let before = worked();
setInterval(() => {
  const now = worked();
  if (now - before > LIMIT_MS) process.stdout.write(`stall ${Math.round(now - before)}\n`);
  before = now;
}, TICK_MS).unref();
