#!/bin/sh
# Makes a Debian or Ubuntu machine ready for Gantry, from a checkout that was built (npm run build) or from what is left of one: the folders
# dist/ and deploy/, and a Node.js beside them. What is there already is left as it is, so it may be run again at any time.
#
#   deploy/provision.sh                         installs `gantry` and the packages it needs; then: gantry up, or gantry join …
#   deploy/provision.sh --units all             runs every component of a whole cluster as a systemd unit of its own instead
#   deploy/provision.sh --units control-plane   … those of a control plane with etcd
#   deploy/provision.sh --units node            … those of a node whose kubeconfigs are in /etc/kubernetes already
#
# Options: --node FILE  the Node.js to install; --node-name NAME, --node-ip ADDRESS  for the units, where they are not the host's own.
set -eu

say() { echo "provision: $*"; }
fail() { echo "provision: $*" >&2; exit 1; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
units='' node='' node_name=$(hostname | tr '[:upper:]' '[:lower:]') node_ip=''
while [ $# -gt 0 ]; do
  case $1 in
    --units) units=$2 ;;
    --node) node=$2 ;;
    --node-name) node_name=$2 ;;
    --node-ip) node_ip=$2 ;;
    *) fail "unknown option $1" ;;
  esac
  shift 2
done
[ "$(id -u)" = 0 ] || fail 'this sets up the machine and must be run as root'
[ -f "$here/dist/build.json" ] || fail "there is no build in $here/dist: run npm run build first"

case $(uname -m) in aarch64 | arm64) arch=arm64 ;; *) arch=x64 ;; esac
for each in "$node" "$here/node/node" "$here/node_modules/node-linux-$arch/bin/node"; do
  [ -n "$each" ] && [ -x "$each" ] && { node=$each; break; }
done
[ -x "$node" ] || fail 'the Node.js to install is missing: run npm ci in the checkout, or name one with --node'

# A package counts as there when a program of it is, whoever installed it. Nothing is started by its installation: etcd's own service
# would take the port of ours.
install_packages() {
  missing=''
  for pair in docker.io:dockerd etcd-server:etcd etcd-client:etcdctl iptables:iptables conntrack:conntrack iproute2:ip procps:sysctl; do
    PATH=$PATH:/usr/sbin:/sbin command -v "${pair#*:}" >/dev/null 2>&1 || missing="$missing ${pair%%:*}"
  done
  # Node.js needs it, and a small installation has not got it.
  PATH=$PATH:/sbin:/usr/sbin ldconfig -p | grep -q libatomic.so.1 || missing="$missing libatomic1"
  [ -x /usr/lib/cni/bridge ] || [ -x /opt/cni/bin/bridge ] || missing="$missing containernetworking-plugins"
  [ -n "$missing" ] || return 0
  command -v apt-get >/dev/null || fail "these are missing, and this is not Debian:$missing"
  say "installing$missing"
  policy=/usr/sbin/policy-rc.d
  ours=''
  if [ ! -e $policy ]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' >$policy
    chmod 755 $policy
    trap 'rm -f $policy' EXIT
  fi
  export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
  # shellcheck disable=SC2086 # names of packages
  apt-get -o DPkg::Lock::Timeout=120 install --quiet --yes --no-install-recommends $missing >/dev/null 2>&1 || {
    apt-get update --quiet
    apt-get -o DPkg::Lock::Timeout=120 install --quiet --yes --no-install-recommends $missing
  }
  if [ -n "$ours" ]; then rm -f $policy; trap - EXIT; fi
  if [ -d /run/systemd/system ]; then systemctl disable --now --quiet etcd.service 2>/dev/null || :; fi
}

# What runs loads parts of its build later on: a new one stands beside it, and the link is changed in one step.
install_build() {
  base=/usr/local/lib/gantry
  version=$(sed -n 's/.*"version": *"\([^"]*\)".*/\1/p' "$here/dist/build.json")-$(sed -n 's/.*"hash": *"\([^"]*\)".*/\1/p' "$here/dist/build.json")
  before=$(readlink $base/current 2>/dev/null || :)
  if [ "$before" != "$version" ]; then
    say "installing gantry $version"
    rm -rf "$base/.new"
    mkdir -p "$base/.new"
    cp -R "$here/dist/." "$base/.new/"
    cp "$node" "$base/.new/node"
    chmod 755 "$base/.new" "$base/.new/node"
    rm -rf "${base:?}/$version"
    mv "$base/.new" "$base/$version"
    ln -s "$version" "$base/.current"
    mv -T "$base/.current" "$base/current"
    for each in "$base"/*/; do
      each=$(basename "$each")
      case $each in current | "$version" | "$before") ;; *) rm -rf "${base:?}/$each" ;; esac
    done
  fi
  # The folder itself, not the link: `gantry up` copies the build that it runs from.
  printf '#!/bin/sh\nhere=$(readlink -f /usr/local/lib/gantry/current)\nexec "$here/node" "$here/gantry.mjs" "$@"\n' >/usr/local/bin/gantry.new
  chmod 755 /usr/local/bin/gantry.new
  mv /usr/local/bin/gantry.new /usr/local/bin/gantry
}

# The address of the default route, else the first one that is not loopback's.
own_address() {
  address=$(ip -4 route get 192.0.2.1 2>/dev/null | sed -n 's/.* src \([0-9.]*\).*/\1/p')
  [ -n "$address" ] || address=$(ip -4 -o addr show scope global | awk '{ sub("/.*", "", $4); print $4; exit }')
  [ -n "$address" ] || fail 'this machine has no address besides loopback: give one with --node-ip'
  echo "$address"
}

install_units() {
  control='gantry-etcd gantry-apiserver gantry-controller-manager gantry-scheduler gantry-upkeep'
  workload='gantry-kubelet gantry-kube-proxy gantry-node-network gantry-dns'
  case $units in
    all) names="$control $workload" ;;
    control-plane) names=$control ;;
    node) names=$workload ;;
    *) fail "--units is all, control-plane or node, not \"$units\"" ;;
  esac
  [ -d /run/systemd/system ] || fail 'systemd does not run here; gantry up and gantry join need none'
  [ ! -e /var/lib/gantry/services.json ] || fail 'gantry up or join has set this machine up already: gantry down first'
  if [ ! -e /etc/gantry/gantry.env ]; then
    mkdir -p /etc/gantry
    [ -n "$node_ip" ] || node_ip=$(own_address)
    sed -e "s/@NODE_NAME@/$node_name/g" -e "s/@NODE_IP@/$node_ip/g" "$here/deploy/systemd/gantry.env.example" >/etc/gantry/gantry.env
    say 'wrote /etc/gantry/gantry.env'
  fi
  case $units in
    all | control-plane)
      flags=$(sed -n 's/^GANTRY_FLAGS=//p' /etc/gantry/gantry.env)
      # shellcheck disable=SC2086 # words
      gantry certs create $flags
      ;;
  esac
  changed=''
  for name in $names; do
    cmp -s "$here/deploy/systemd/$name.service" "/etc/systemd/system/$name.service" || changed="$changed $name"
    cp "$here/deploy/systemd/$name.service" "/etc/systemd/system/$name.service"
  done
  systemctl daemon-reload
  case $units in all | node) systemctl enable --now --quiet docker.service ;; esac
  # shellcheck disable=SC2086 # names of units
  systemctl enable --quiet $names
  if [ -n "$changed" ] || [ "$before" != "$version" ]; then
    say "starting $names"
    # shellcheck disable=SC2086
    systemctl restart $names
  else
    # shellcheck disable=SC2086
    systemctl start $names
  fi
}

install_packages
install_build
[ -z "$units" ] || install_units
say 'done'
