import { existsSync } from 'node:fs';

const PROGRAM = ['/lib/systemd/systemd', '/usr/lib/systemd/systemd'].find((each) => existsSync(each));

/** What a host with systemd does not run: it would touch the machine's devices, or has nothing to do in a namespace. */
const MASKED = [
  'systemd-udevd.service',
  'systemd-udevd-control.socket',
  'systemd-udevd-kernel.socket',
  'systemd-udev-trigger.service',
  'systemd-journald-audit.socket',
  'systemd-modules-load.service',
  'systemd-sysctl.service',
  'systemd-remount-fs.service',
  'systemd-logind.service',
  'systemd-timesyncd.service',
  'systemd-networkd-wait-online.service',
  'systemd-tmpfiles-clean.timer',
  'systemd-tmpfiles-setup.service',
  'networking.service',
  'getty.target',
  'kmod-static-nodes.service',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
  'sys-fs-fuse-connections.mount',
  'sys-kernel-config.mount',
  'sys-kernel-debug.mount',
  'sys-kernel-tracing.mount',
  'proc-sys-fs-binfmt_misc.automount',
] as const;

const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty', 'fuse'] as const;

/**
 * Shell text that makes systemd process 1, the last that a host's boot script does; it says `ready` before. As container managers
 * do, it gives systemd a /dev of its own, a boot id of its own for each boot, and of the kernel's parameters only those of the host's
 * own network to write. On the first boot, whatever the machine had enabled is not.
 */
export function systemdText(): string {
  if (!PROGRAM) throw new Error('systemd is not installed on this machine (the gate installs it)');
  return `if ! [ -e /etc/systemd/rig ]; then
  rm -rf /etc/systemd/system /etc/systemd/journald.conf.d; mkdir -p /etc/systemd/system /etc/systemd/journald.conf.d
  for each in ${MASKED.join(' ')}; do ln -s /dev/null /etc/systemd/system/$each; done
  ln -s /lib/systemd/system/multi-user.target /etc/systemd/system/default.target
  printf '[Journal]\\nStorage=persistent\\nReadKMsg=no\\n' > /etc/systemd/journald.conf.d/rig.conf
  : > /etc/fstab; cat /proc/sys/kernel/random/uuid | tr -d - > /etc/machine-id
  mkdir -p /var/log/journal
  : > /etc/systemd/rig
fi
D=$(mktemp -d /run/dev.XXXXXX); mount -t tmpfs -o mode=755,nosuid tmpfs $D
for each in ${DEVICES.join(' ')}; do [ -e /dev/$each ] && { : > $D/$each; mount --bind /dev/$each $D/$each; }; done
mkdir $D/pts $D/shm $D/net; mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts $D/pts; ln -s pts/ptmx $D/ptmx
if [ -e /dev/net/tun ]; then : > $D/net/tun; mount --bind /dev/net/tun $D/net/tun; fi
mount -t tmpfs -o mode=1777 tmpfs $D/shm
for each in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -s /proc/self/\${each#*:} $D/\${each%%:*}; done
mount --move $D /dev
cat /proc/sys/kernel/random/uuid > /run/rig/boot-id
mount --bind /proc/sys /proc/sys; mount --bind /proc/sys/net /proc/sys/net
mount -o remount,bind,ro /proc/sys
mount --bind /run/rig/boot-id /proc/sys/kernel/random/boot_id
mount --make-rshared /
cd /
echo ready
exec >/dev/null 2>&1 </dev/null
exec env -i container=gantry-rig PATH="$PATH" ${PROGRAM} --system --log-target=journal --show-status=no
`;
}
