// The door for `npm run …`: plain JavaScript, because it must run on whatever Node.js the machine has (18 and later).
// It installs the npm dependencies when they do not match the lockfile, generates what is generated, and goes on with the
// pinned Node.js, which runs the project's TypeScript directly.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What each command runs with the pinned Node.js, one after another; the words of the user go to the last. */
const COMMANDS = {
  up: [['cli/build/main.ts', '--if-stale'], ['dist/gantry.mjs', 'up']],
  down: [['cli/build/main.ts', '--if-stale'], ['dist/gantry.mjs', 'down']],
  build: [['cli/build/main.ts']],
  test: [['test/gate/main.ts']],
  'test:unit': [['test/gate/main.ts', '--unit']],
  'test:clients': [['test/clients/main.ts']],
  'test:fuzz': [['test/fuzz/main.ts']],
  'test:chaos': [['cli/build/main.ts', '--if-stale'], ['test/chaos/main.ts']],
  bench: [['cli/build/main.ts', '--if-stale'], ['test/bench/main.ts']],
};

main(process.argv.slice(2));

function main([command, ...words]) {
  const steps = Object.hasOwn(COMMANDS, command ?? '') ? COMMANDS[command] : undefined;
  if (!steps) fail(`usage: node cli/bootstrap.mjs ${Object.keys(COMMANDS).join('|')} [flags]`);
  if (process.platform !== 'linux') fail(`Gantry runs on Linux; this is ${process.platform}.`);
  if (!['x64', 'arm64'].includes(process.arch)) fail(`Gantry runs on x64 and arm64; this is ${process.arch}.`);
  if (!dependenciesMatch()) {
    process.stdout.write('Installing the npm dependencies\n');
    // Exactly what the lockfile says, as `npm ci` would; but that refuses where a registry does not carry the binaries of
    // platforms that this is not, which the lockfile lacks then. Install scripts are left out: what they build (native
    // speed-ups of ssh2 and the like) is not used here.
    run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  const node = join(root, 'node_modules', `node-linux-${process.arch}`, 'bin', 'node');
  if (!existsSync(node)) fail(`The pinned Node.js is missing (${node}); run: npm install --no-save`);
  const trial = spawnSync(node, ['--version'], { encoding: 'utf8' });
  if (trial.status !== 0) fail(`The pinned Node.js does not run on this machine: ${(trial.error?.message ?? trial.stderr).trim()}${/libatomic/.test(trial.stderr ?? '') ? '\n(on Debian and Ubuntu: apt-get install libatomic1)' : ''}`);
  run(node, ['api/generate/main.ts', '--if-stale']);
  steps.forEach((step, at) => run(node, [...step, ...(at === steps.length - 1 ? words : [])]));
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes its own record of what it installed
 * as the last thing it does, so that an interrupted installation is seen too.
 */
function dependenciesMatch() {
  const record = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = Object.entries(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages);
  const installed = JSON.parse(readFileSync(record, 'utf8')).packages;
  return wanted.every(([path, { version, optional }]) => path === '' || installed[path]?.version === version || (optional && !installed[path]));
}

function run(program, words) {
  const { error, status, signal } = spawnSync(program, words, { cwd: root, stdio: 'inherit' });
  if (error) fail(`${program}: ${error.message}`);
  if (signal) process.exit(128 + constants.signals[signal]);
  if (status !== 0) process.exit(status);
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
