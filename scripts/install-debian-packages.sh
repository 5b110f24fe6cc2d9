#!/bin/sh
# install-debian-packages.sh PACKAGE… : as root. The tests want the programs, not their services: nothing is
# started, now or at the next boot, and PostgreSQL makes no cluster of its own.
set -eu

policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/keywright-tests.conf
made=''
trap '[ -z "$made" ] || rm -f $made' EXIT
trap 'exit 130' INT TERM

if [ ! -e "$policy" ]; then
  made=$policy
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
case " $* " in
*' postgresql '*)
  made="$made $cluster"
  mkdir -p "${cluster%/*}"
  echo 'create_main_cluster = false' >"$cluster"
  ;;
esac

export DEBIAN_FRONTEND=noninteractive
apt-get -q update
apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"

if command -v systemctl >/dev/null; then
  for name in "$@"; do
    case $name in
    postgresql | nginx | caddy) systemctl disable "$name" || true ;;
    esac
  done
fi
