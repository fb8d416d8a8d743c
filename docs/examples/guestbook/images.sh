#!/bin/sh
# Makes the guestbook's images and pushes them to a registry: localhost:5000, or the one given as the first word.
# The database is Debian's Redis; its packages are unpacked into .cache/guestbook, and nothing is installed. The web
# server runs on the Node.js that Gantry itself uses.
set -eu
here=$(dirname "$(readlink -f "$0")")
checkout=$(readlink -f "$here/../../..")
registry=${1:-localhost:5000}
packages=$checkout/.cache/guestbook
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

if ! [ -d "$packages" ]; then
  (cd "$scratch" && apt-get download redis-server redis-tools libatomic1 libjemalloc2 liblzf1)
  mkdir -p "$checkout/.cache" "$scratch/packages"
  for each in "$scratch"/*.deb; do dpkg-deb -x "$each" "$scratch/packages"; done
  mv "$scratch/packages" "$packages"
fi

# program TREE FILE NAME: the program with the libraries that it is linked to.
program() {
  install -D "$2" "$1/usr/bin/$3"
  LD_LIBRARY_PATH=$(echo "$packages"/usr/lib/*-linux-gnu) ldd "$2" | grep -o '/[^ ]*' | while read -r library; do
    target=$1${library#"$packages"}
    [ -e "$target" ] || install -D "$library" "$target"
  done
}

# base TREE: a shell, and what resolves names.
base() {
  mkdir -p "$1/bin" "$1/usr/bin" "$1/tmp" "$1/etc" "$1/data"
  chmod 1777 "$1/tmp"
  install "$(command -v busybox)" "$1/bin/busybox"
  for each in sh ls cat tar env date sleep echo head; do ln -s busybox "$1/bin/$each"; done
  echo 'root:x:0:0:root:/:/bin/sh' >"$1/etc/passwd"
  echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
  for each in /lib/*-linux-gnu/libnss_dns.so.2 /lib/*-linux-gnu/libnss_files.so.2; do
    [ ! -e "$each" ] || install -D "$each" "$1$each"
  done
}

# image TREE NAME CHANGE...
image() {
  tree=$1 name=$2
  shift 2
  for each; do set -- "$@" --change "$each"; shift; done
  tar -C "$tree" -c . | docker import "$@" --change 'ENV PATH=/usr/bin:/bin' - "$name" >/dev/null
}

# The registry may only just have been started.
for each in $(seq 60); do
  curl --silent --fail --max-time 5 "http://$registry/v2/" >/dev/null && break
  sleep 1
done

# push NAME: into the registry; the engine keeps no copy under that name, so that pods really pull it.
push() {
  docker push --quiet "$registry/$1"
  docker rmi "$registry/$1" >/dev/null
}

base "$scratch/database"
for each in redis-server redis-cli; do program "$scratch/database" "$packages/usr/bin/$each" "$each"; done
image "$scratch/database" "$registry/guestbook-database:7" 'CMD ["redis-server"]' 'EXPOSE 6379'
push guestbook-database:7

base "$scratch/web"
program "$scratch/web" "$(ls "$checkout"/node_modules/node-linux-*/bin/node)" node
install -D -m 644 "$here/web.js" "$scratch/web/app/web.js"
image "$scratch/web" guestbook-web 'CMD ["node", "/app/web.js"]' 'EXPOSE 8080'
container=$(docker create --network none guestbook-web)
for version in 1 2; do
  docker commit --change "ENV VERSION=$version" "$container" "$registry/guestbook-web:$version" >/dev/null
  push "guestbook-web:$version"
done
docker rm "$container" >/dev/null
docker rmi guestbook-web >/dev/null
