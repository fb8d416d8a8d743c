/** A Debian package and how one sees that what it brings is there, whoever installed it. */
export interface HostPackage {
  readonly name: string;
  /** Any of these files is enough. */
  readonly files: readonly string[];
  /** What it is for, as the user reads it. */
  readonly purpose: string;
}

const program = (name: string, file: string, purpose: string): HostPackage => ({
  name,
  files: ['/usr/bin', '/usr/sbin', '/bin', '/sbin', '/usr/local/bin', '/usr/local/sbin'].map((folder) => `${folder}/${file}`),
  purpose,
});

/** What a cluster needs on its host. */
export const CLUSTER_PACKAGES: readonly HostPackage[] = [
  program('docker.io', 'dockerd', 'Docker Engine, which runs the containers'),
  program('etcd-server', 'etcd', 'etcd, which keeps the state'),
  program('iptables', 'iptables', 'carries Services'),
  program('conntrack', 'conntrack', 'forgets the flows of endpoints that have gone'),
  program('iproute2', 'ip', 'links and routes'),
  program('procps', 'sysctl', 'kernel settings'),
  {
    name: 'containernetworking-plugins',
    files: ['/usr/lib/cni/bridge', '/opt/cni/bin/bridge', '/usr/libexec/cni/bridge'],
    purpose: 'CNI plugins, which give pods their addresses',
  },
];

/** What a machine needs in its role. */
export const packagesOf = ({ etcd }: { readonly etcd: boolean }): readonly HostPackage[] => CLUSTER_PACKAGES.filter(({ name }) => etcd || name !== 'etcd-server');

/** What the tests need besides. */
export const TEST_PACKAGES: readonly HostPackage[] = [
  program('etcd-client', 'etcdctl', 'looks into etcd'),
  program('curl', 'curl', 'speaks HTTP in test images'),
  program('busybox-static', 'busybox', 'the shell of test images'),
  program('docker-registry', 'docker-registry', 'a real registry to pull from'),
  program('docker-compose', 'docker-compose', 'the older of the Composes that docker-compose.yml is valid for'),
  program('mmdebstrap', 'mmdebstrap', 'a base for images without a registry'),
  { name: 'faketime', files: ['x86_64', 'aarch64'].map((machine) => `/usr/lib/${machine}-linux-gnu/faketime/libfaketime.so.1`), purpose: 'lets the clock of one process jump' },
  { name: 'systemd', files: ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'], purpose: 'process 1 of a test host, as on a real machine' },
];

/** Those whose files are not there, in the order given. */
export function missingPackages(packages: readonly HostPackage[], exists: (file: string) => boolean): HostPackage[] {
  return packages.filter(({ files }) => !files.some(exists));
}

/** What to tell where apt cannot be used: each missing thing, and where it is found. */
export function describeMissing(missing: readonly HostPackage[]): string {
  const lines = missing.map(({ name, files, purpose }) => `  ${name}: ${purpose} (looked for ${files[0]} and the like)`);
  return ['These are missing, and this is not Debian or Ubuntu, so install them with your package manager and try again:', ...lines].join('\n');
}
