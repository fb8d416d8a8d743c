import { runcWrapper, withoutSysResource } from './runcWrapper.ts';
import { systemdText } from './systemdBoot.ts';

/** What the first process of a host's pid namespace is told. */
export interface HostScriptInput {
  readonly name: string;
  /** Folder of the host's own data, on a file system that overlay2 can use. */
  readonly folder: string;
  readonly checkout: string;
  /** Shell text that mounts the cgroup hierarchies. */
  readonly mountCgroups: string;
  /** Whether process 1 is systemd, else a shell that only reaps orphans. */
  readonly systemd: boolean;
}

/** Own folders on the real disk: overlay2 does not work on an overlay, and etcd should feel a true disk. */
export const OWN_FOLDERS = ['var/lib/docker', 'var/lib/containerd', 'var/lib/gantry', 'var/lib/kubelet', 'var/log', 'root', 'tmp'] as const;
/** The machine's own, with the host's changes over it. */
export const OVERLAID_FOLDERS = ['etc', 'opt', 'var', 'usr/local'] as const;

/**
 * The script makes the machine's file tree look like a freshly installed machine of the host's own: system packages and
 * the checkout are there, read-only; /etc, /opt, /var and /usr/local take changes, which last over a power cut; /run and the process
 * table begin empty at each boot. It stays as process 1, which reaps orphans, or gives its place to systemd.
 */
export function hostScript({ name, folder, checkout, mountCgroups, systemd }: HostScriptInput): string {
  return `set -e
exec 9<${checkout}
hostname ${name}
for each in ${OVERLAID_FOLDERS.join(' ')}; do
  mount -t overlay overlay -o lowerdir=/$each,upperdir=${folder}/upper/$each,workdir=${folder}/work/$each /$each
  [ "$(stat -f -c %T /$each)" = overlayfs ]
done
if ! [ -e ${folder}/booted ]; then
  rm -rf /etc/docker /etc/kubernetes /etc/cni /etc/systemd/system/docker* /var/lib/etcd /var/lib/cni
  echo ${name} > /etc/hostname
  printf '127.0.0.1 localhost\\n127.0.1.1 ${name}\\n' > /etc/hosts
  rm -f /etc/resolv.conf; : > /etc/resolv.conf
  : > ${folder}/booted
fi
mkdir -p ${OWN_FOLDERS.map((each) => `/${each}`).join(' ')}
for each in ${OWN_FOLDERS.filter((each) => each !== 'tmp').join(' ')}; do mount --bind ${folder}/own/$each /$each; done
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/lock /run/rig
${withoutSysResource() ? RUNC_WRAPPER : ':'}
mount --bind ${folder}/own/tmp /tmp
if ! [ ${checkout} -ef /proc/self/fd/9 ]; then mkdir -p ${checkout}; mount -c --bind /proc/self/fd/9 ${checkout}; fi
exec 9<&-
mount -o remount,bind,ro /
mount -t sysfs sysfs /sys
${mountCgroups}
${systemd ? systemdText() : REAPER}`;
}

/** The mounts with which a host begins are noted: those of the machine go from it, too, when somebody removes their folders there. */
const REAPER = `mount --make-rshared /
cd /
awk '{print $1, $5}' /proc/self/mountinfo > /run/rig/mounts
echo ready
exec >/dev/null 2>&1 </dev/null
while :; do sleep 3600 & wait $!; done
`;

/** An OCI runtime in runc's place, which takes out of its input what this machine forbids. */
const RUNC_WRAPPER = `R=$(command -v runc || true)
if [ -n "$R" ]; then
  : > /run/rig/runc.real; mount --bind $R /run/rig/runc.real
  cat > /run/rig/runc <<'WRAPPER'
${runcWrapper('/run/rig/runc.real')}WRAPPER
  chmod 755 /run/rig/runc; mount --bind /run/rig/runc $R
fi`;
