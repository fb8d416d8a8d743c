import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

interface Source {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly signedBy: string | undefined;
}

/** The release that this machine is, e.g. `bookworm`. */
export function machineRelease(): string {
  return /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? '';
}

/**
 * Unpacks packages of any Debian release into a folder, without touching the system: a private apt root whose source
 * is the machine's own, with another release's name. Does nothing when the folder is there.
 */
export function unpackPackages(release: string, names: readonly string[], folder: string): void {
  unpack(release, () => names, folder);
}

/** As `unpackPackages`, with all that these packages depend on, as far as it is named like `pattern`. */
export function unpackWithDependencies(release: string, names: readonly string[], pattern: RegExp, folder: string): void {
  const choose = (apt: Apt): string[] => {
    const plan = apt('apt-get', ['install', '--simulate', '--no-install-recommends', ...names]);
    return [...plan.matchAll(/^Inst (\S+)/gm)].map((match) => match[1]!).filter((name) => pattern.test(name));
  };
  unpack(release, choose, folder);
}

type Apt = (program: string, words: readonly string[]) => string;

function unpack(release: string, choose: (apt: Apt) => readonly string[], folder: string): void {
  if (existsSync(folder)) return;
  const parent = join(folder, '..');
  mkdirSync(parent, { recursive: true });
  const scratch = mkdtempSync(join(parent, '.apt-'));
  try {
    for (const each of ['lists/partial', 'archives/partial', 'tree']) mkdirSync(join(scratch, each), { recursive: true });
    writeFileSync(join(scratch, 'status'), '');
    writeFileSync(join(scratch, 'release.sources'), sourceFor(release));
    const options = [`Dir::Etc::sourcelist=${scratch}/release.sources`, 'Dir::Etc::sourceparts=-', 'Dir::Etc::preferencesparts=-', `Dir::State::lists=${scratch}/lists`]
      .concat([`Dir::State::status=${scratch}/status`, `Dir::Cache=${scratch}`, 'APT::Sandbox::User=root', 'Acquire::Languages=none', 'Acquire::Retries=5'])
      .flatMap((option) => ['-o', option]);
    const run: Apt = (program, words) => execFileSync(program, words, { cwd: scratch, stdio: ['ignore', 'pipe', 'pipe'], timeout: 300_000, maxBuffer: 64 * 1024 * 1024 }).toString();
    const apt: Apt = (program, words) => run(program, [...options, ...words]);
    apt('apt-get', ['update', '--quiet']);
    const names = choose(apt);
    apt('apt-get', ['download', ...names]);
    const files = readdirSync(scratch).filter((each) => each.endsWith('.deb'));
    if (files.length !== names.length) throw new Error(`apt-get downloaded ${files.length} of ${names.join(', ')} of ${release}`);
    for (const file of files) run('dpkg-deb', ['-x', file, 'tree']);
    try {
      renameSync(join(scratch, 'tree'), folder);
    } catch (error) {
      // The gate's other half may have been faster with the same.
      if (!existsSync(folder)) throw error;
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function sourceFor(release: string): string {
  const codename = machineRelease();
  const source = machineSources().find(({ suites }) => suites.includes(codename));
  if (!source) throw new Error(`the machine's apt sources name no ${codename}`);
  const lines = ['Types: deb', `URIs: ${source.uri}`, `Suites: ${release}`, 'Components: main'];
  return `${[...lines, ...(source.signedBy ? [`Signed-By: ${source.signedBy}`] : [])].join('\n')}\n`;
}

function machineSources(): Source[] {
  const folder = '/etc/apt/sources.list.d';
  const files = ['/etc/apt/sources.list', ...(existsSync(folder) ? readdirSync(folder).map((each) => join(folder, each)) : [])];
  return files.filter((file) => existsSync(file)).flatMap((file) => {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.list')) return readOneLine(text);
    return file.endsWith('.sources') ? text.split(/\n\s*\n/).flatMap(readStanza) : [];
  });
}

function readStanza(stanza: string): Source[] {
  const field = (name: string): string | undefined => new RegExp(`^${name}:\\s*(.*)$`, 'mi').exec(stanza)?.[1]?.trim();
  const uri = field('URIs')?.split(/\s+/)[0];
  if (!uri || !field('Types')?.split(/\s+/).includes('deb')) return [];
  const signedBy = field('Signed-By');
  return [{ uri, suites: (field('Suites') ?? '').split(/\s+/), signedBy: signedBy?.startsWith('/') ? signedBy : undefined }];
}

function readOneLine(text: string): Source[] {
  return [...text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+main/gm)].map((match) => ({
    uri: match[2]!,
    suites: [match[3]!],
    signedBy: /signed-by=(\S+)/.exec(match[1] ?? '')?.[1],
  }));
}
