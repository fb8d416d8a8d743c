import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FlagValues, listFlag, stringFlag } from '../../process/flags.ts';
import type { ClusterSettings } from '../clusterSettings.ts';
import { UserError } from '../invocation.ts';

/** How a cluster is told of an etcd that Gantry does not run. */
export const externalEtcdFlags = {
  'etcd-endpoints': listFlag([], "URLs of the members of an etcd that exists already; unless given, Gantry runs the cluster's own"),
  'etcd-cafile': stringFlag('', "authority of that etcd's certificates"),
  'etcd-certfile': stringFlag('', "the API server's certificate for that etcd"),
  'etcd-keyfile': stringFlag('', 'its key'),
};
export type ExternalEtcdFlags = FlagValues<typeof externalEtcdFlags>;

/** Puts the certificates for the external etcd where the API server looks for them (kubeadm's names). Throws a `UserError`. */
export function takeEtcdFiles({ paths }: ClusterSettings, flags: ExternalEtcdFlags): void {
  for (const url of flags['etcd-endpoints']) if (!/^https:\/\/[^/]+:\d+$/.test(url)) throw new UserError(`--etcd-endpoints: "${url}" is not https://HOST:PORT.`);
  const files = { 'etcd-cafile': 'etcd/ca.crt', 'etcd-certfile': 'apiserver-etcd-client.crt', 'etcd-keyfile': 'apiserver-etcd-client.key' } as const;
  for (const [flag, target] of Object.entries(files)) {
    const source = flags[flag as keyof typeof files];
    const file = join(paths.pki, target);
    if (source === '') {
      if (existsSync(file)) continue;
      throw new UserError(`--etcd-endpoints needs --${flag}: etcd is only reached with a certificate.`);
    }
    if (!existsSync(source)) throw new UserError(`--${flag}: there is no ${source}.`);
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 });
    copyFileSync(source, file);
  }
}
