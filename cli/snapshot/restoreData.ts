import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EtcdClient } from '../../apiserver/storage/etcdClient.ts';
import { GrpcError } from '../../apiserver/storage/grpcConnection.ts';
import { OFFSET_KEY } from '../../apiserver/storage/keys.ts';
import { checkCommand } from '../../host/command.ts';
import { freePorts } from '../../host/freePorts.ts';
import { createAuthority, issueCertificate } from '../../process/certificates.ts';
import type { Clock } from '../../process/clock.ts';

/** The one member that a restored cluster begins with. */
export interface RestoredMember {
  readonly name: string;
  /** Under which other members will reach it. */
  readonly peerUrl: string;
  /** Does not exist yet. */
  readonly dataDir: string;
}

export interface RestorePrograms {
  readonly etcd: string;
  /** etcdctl or, from etcd 3.5 on, etcdutl. */
  readonly restorer: string;
}

const ETCD_START_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 50;

/**
 * Makes an etcd data folder from a snapshot: a cluster of one member with an identity of its own, in which the offset of resourceVersions is
 * `offset`, so that all of them are ahead of whatever the cluster before has told anybody. On failure nothing of the folder is left.
 */
export async function restoreData(file: string, member: RestoredMember, offset: number, { etcd, restorer }: RestorePrograms, clock: Clock): Promise<void> {
  const { name, peerUrl, dataDir } = member;
  try {
    await checkCommand(
      ['env', 'ETCDCTL_API=3', restorer, 'snapshot', 'restore', file, '--name', name, '--initial-cluster', `${name}=${peerUrl}`, '--initial-advertise-peer-urls', peerUrl, '--initial-cluster-token', `gantry-${randomBytes(8).toString('hex')}`, '--data-dir', dataDir],
      { timeoutMilliseconds: 600_000 },
    );
    await withEtcd(member, etcd, clock, async (client) => {
      await client.txn({ compare: [], success: [{ kind: 'put', key: OFFSET_KEY, value: Buffer.from(String(offset)) }], failure: [] }, clock.monotonic() + ETCD_START_MILLISECONDS);
    });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw error;
  }
}

/** Runs an etcd on the folder, on loopback and for the holder of a certificate made for this moment, as long as the action lasts. */
async function withEtcd({ name, peerUrl, dataDir }: RestoredMember, program: string, clock: Clock, action: (client: EtcdClient) => Promise<void>): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), 'gantry-restore-'));
  const authority = await createAuthority('gantry-restore-ca', clock.now(), 3_600_000);
  const pair = await issueCertificate(authority, { commonName: 'gantry-restore', usages: ['server', 'client'], names: ['127.0.0.1'] }, clock.now());
  const files = { ca: authority.certificate, cert: pair.certificate, key: pair.key };
  for (const [each, content] of Object.entries(files)) writeFileSync(join(scratch, each), content, { mode: 0o600 });
  const [clientPort, peerPort] = await freePorts(2);
  const endpoint = `https://127.0.0.1:${clientPort}`;
  const log = join(scratch, 'log');
  const output = openSync(log, 'a', 0o600);
  const flags = {
    name,
    'data-dir': dataDir,
    'listen-client-urls': endpoint,
    'advertise-client-urls': endpoint,
    'listen-peer-urls': `https://127.0.0.1:${peerPort}`,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `${name}=${peerUrl}`,
    'client-cert-auth': 'true',
    'trusted-ca-file': join(scratch, 'ca'),
    'cert-file': join(scratch, 'cert'),
    'key-file': join(scratch, 'key'),
    'peer-client-cert-auth': 'true',
    'peer-trusted-ca-file': join(scratch, 'ca'),
    'peer-cert-file': join(scratch, 'cert'),
    'peer-key-file': join(scratch, 'key'),
    logger: 'zap',
  };
  const child = spawn(program, Object.entries(flags).map(([flag, value]) => `--${flag}=${value}`), { stdio: ['ignore', output, output], env: { PATH: '/usr/bin:/bin' } });
  closeSync(output);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended by ${signal ?? `exit code ${code}`}`));
  });
  const client = new EtcdClient({ endpoints: [endpoint], tls: files }, clock);
  try {
    const reason = await Promise.race([ended, untilAnswered(client, clock).then(() => undefined)]);
    if (reason !== undefined) throw new Error(`etcd does not start on the restored data: ${reason}\n${readFileSync(log, 'utf8').slice(-2000)}`);
    await action(client);
  } finally {
    client.close();
    child.kill('SIGTERM');
    await ended;
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function untilAnswered(client: EtcdClient, clock: Clock): Promise<void> {
  for (const end = clock.monotonic() + ETCD_START_MILLISECONDS; ; await clock.sleep(POLL_MILLISECONDS)) {
    try {
      await client.range({ key: OFFSET_KEY, countOnly: true }, clock.monotonic() + 1_000);
      return;
    } catch (error) {
      if (!(error instanceof GrpcError) || clock.monotonic() > end) throw error;
    }
  }
}

/** The program that turns snapshots into data folders, where one is installed; etcd 3.6 has it in etcdutl only. */
export function findRestorer(): string | undefined {
  const folders = ['/usr/bin', '/usr/local/bin', '/usr/sbin', '/usr/local/sbin', '/bin'];
  return ['etcdutl', 'etcdctl'].flatMap((name) => folders.map((folder) => join(folder, name))).find((file) => existsSync(file));
}
