# Install the packages named as arguments, their own services neither started nor enabled at the next boot.
# Run as root by install.py. What it changes for the time of the installation is put back however it ends.
set -eu
policy=/usr/sbin/policy-rc.d     # asked by dpkg before a package's service is started
kept=$policy.candlefish          # the machine's own policy, while ours stands in its place
clusters=/etc/postgresql-common/createcluster.d
cluster=$clusters/candlefish.conf  # read before PostgreSQL's package makes a "main" cluster
ours='# candlefish setup: no service starts while its packages are installed'

undo() {
    if grep -qsF "$ours" "$policy"; then rm -f "$policy"; fi
    if [ -e "$kept" ]; then mv -f "$kept" "$policy"; fi
    rm -f "$cluster"
    rmdir "$clusters" 2>/dev/null || true
}
undo  # a run that was killed may have left something
trap undo EXIT
trap 'exit 130' HUP INT TERM

if [ -e "$policy" ]; then
    says=0
    "$policy" redis-server start >/dev/null 2>&1 || says=$?
    if [ "$says" -ne 101 ]; then mv "$policy" "$kept"; fi  # one that already forbids it stays as it is
fi
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\n%s\nexit 101\n' "$ours" > "$policy"
    chmod 755 "$policy"
fi
mkdir -p "$clusters"
echo 'create_main_cluster = false' > "$cluster"

# package:service; only a service that this run brings is disabled
new=""
for pair in postgresql-common:postgresql pgbouncer:pgbouncer redis-server:redis-server etcd-server:etcd; do
    status=$(dpkg-query -W -f '${db:Status-Status}' "${pair%%:*}" 2>/dev/null) || status=""
    if [ "$status" != installed ]; then new="$new ${pair#*:}"; fi
done

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
apt-get update
apt-get install --yes --no-install-recommends -o DPkg::Lock::Timeout=300 \
    -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold "$@"

for service in $new; do
    if [ -e "/lib/systemd/system/$service.service" ] && command -v systemctl >/dev/null; then
        systemctl disable "$service.service"  # works without a running systemd too
    elif [ -e "/etc/init.d/$service" ]; then
        update-rc.d "$service" disable
    fi
done
