import { spawnSync } from 'node:child_process';
import { openHandRig } from './rig.ts';

/** The rig by hand: `node test/rig/cli.ts host up|down|crash|boot NAME`, and `… host exec NAME -- COMMAND`. */
const [noun, verb, name, ...rest] = process.argv.slice(2);
const usage = 'usage: node test/rig/cli.ts host up|down|crash|boot NAME, or host exec NAME -- COMMAND, or host clear\n';

if (noun !== 'host' || !verb || (!name && verb !== 'clear')) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  await run(verb, name ?? '');
}

async function run(verb: string, name: string): Promise<void> {
  const rig = await openHandRig();
  if (verb === 'clear') return rig.close();
  const host = rig.findHost(name);
  if (verb === 'up') {
    const made = host ?? (await rig.addHost(name));
    process.stdout.write(`${made.name} ${made.address} (process ${made.pid})\n`);
  } else if (!host) {
    throw new Error(`there is no host ${name}`);
  } else if (verb === 'down') await rig.removeHost(host);
  else if (verb === 'crash') await host.powerCut();
  else if (verb === 'boot') await host.boot();
  else if (verb === 'exec') {
    // Entering a host leads to its root folder.
    const [program, ...words] = host.commandLine(['env', `--chdir=${process.cwd()}`, ...(rest[0] === '--' ? rest.slice(1) : rest)]);
    process.exitCode = spawnSync(program!, words, { stdio: 'inherit', cwd: '/', env: { ...host.environment, TERM: process.env['TERM'] } }).status ?? 1;
  } else process.stderr.write(usage);
}
