import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { BUILD_INFO, type BuildInfo } from '../up/installVersion.ts';
import { gantryVersion } from '../gantryVersion.ts';
import { leaveOut } from './leaveOut.ts';

/**
 * Makes `dist/`: the `gantry` program and the supervisor's with everything that they import, cut so that each command and component
 * loads only its own part, and the schema. Run from the repository's root; with `--if-stale` it does nothing when no source is newer.
 */
const SOURCES = ['api', 'client', 'apiserver', 'scheduler', 'controllers', 'kubelet', 'kube-proxy', 'node-network', 'dns', 'cloud', 'cli', 'host', 'process'];
const SCHEMA = ['schema.json', 'descriptions.json'];
/** Bundled CommonJS calls these; ES modules do not have them. */
const BANNER = "import { createRequire as __createRequire } from 'node:module';\nimport { fileURLToPath as __fileURLToPath } from 'node:url';\nimport { dirname as __pathDirname } from 'node:path';\nconst require = __createRequire(import.meta.url);\nconst __filename = __fileURLToPath(import.meta.url);\nconst __dirname = __pathDirname(__filename);";

async function make(): Promise<void> {
  mkdirSync('.cache', { recursive: true });
  const scratch = mkdtempSync('.cache/dist-');
  try {
    await build({
      entryPoints: { gantry: 'cli/gantry.ts', supervisor: 'cli/supervisor/program.ts', yamlWorker: 'apiserver/codec/yamlWorker.ts' },
      outdir: scratch,
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      target: 'node26',
      banner: { js: BANNER },
      logLevel: 'warning',
      plugins: [leaveOut],
      // Speed-ups in native code, which their users do without when they are not there.
      external: ['cpu-features', './crypto/build/Release/sshcrypto.node', 'bufferutil', 'utf-8-validate'],
    });
    for (const file of SCHEMA) copyFileSync(join('api/generated', file), join(scratch, file));
    for (const file of licences()) copyFileSync(file, join(scratch, file));
    const info: BuildInfo = { version: gantryVersion, hash: hashOf(scratch) };
    writeFileSync(join(scratch, BUILD_INFO), `${JSON.stringify(info)}\n`);
    chmodSync(scratch, 0o755);
    rmSync('dist', { recursive: true, force: true });
    renameSync(scratch, 'dist');
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

const licences = (): string[] => ['LICENSE', 'NOTICE'].filter((file) => existsSync(file));

function hashOf(folder: string): string {
  const hash = createHash('sha256').update(readFileSync('package-lock.json'));
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

function isStale(): boolean {
  const made = join('dist', BUILD_INFO);
  if (!existsSync(made)) return true;
  const { mtimeMs } = statSync(made);
  return ['package-lock.json', ...SOURCES.flatMap(sourceFiles)].some((file) => statSync(file).mtimeMs > mtimeMs);
}

function sourceFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) => (entry.isFile() && !entry.name.endsWith('.test.ts') ? [join(entry.parentPath, entry.name)] : []));
}

if (!process.argv.includes('--if-stale') || isStale()) await make();
