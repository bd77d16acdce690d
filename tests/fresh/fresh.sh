#!/bin/bash
# A fresh Debian 12 in a folder, in which a clone of this repository is built and run with nothing installed before.
#   tests/fresh/fresh.sh FOLDER COMMAND...     e.g. /var/tmp/fresh make demo
#
# Needs root and debootstrap. The folder is made on the first call and used again; the clone is made anew each time.
# What says how this machine reaches Debian and PyPI (apt's and pip's configuration, proxies, certificates) is copied.
set -eu
cd "$(dirname "$0")/../.."
repository=$PWD
root=$(realpath -m "$1")
shift
[ "$(id -u)" = 0 ] || { echo "fresh: run as root" >&2; exit 2; }
command -v debootstrap >/dev/null || { echo "fresh: install debootstrap" >&2; exit 2; }

mirror() { # of the first source of this machine's apt; nothing when it has none: debootstrap then takes its own default
	apt-get indextargets --format '$(SITE)' 2>/dev/null | grep -m1 debian || true
}

if [ ! -x "$root/usr/bin/git" ]; then
	mkdir -p "$root"
	debootstrap --variant=minbase bookworm "$root" $(mirror) >"$root.log" 2>&1 || { tail -5 "$root.log"; exit 1; }
	apt-config dump | grep -E '^(Acquire::(http|https|Check)|APT::Get::)' >"$root/etc/apt/apt.conf.d/99host" || true
	[ -f /etc/pip.conf ] && cp /etc/pip.conf "$root/etc/"
fi
mounted=()
unmount() {
	for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do umount "${mounted[i]}" 2>/dev/null || true; done
}
trap unmount EXIT
bind() { mkdir -p "$root$1"; mount --bind "$1" "$root$1"; mounted+=("$root$1"); }
bind /proc; bind /sys; bind /dev
[ -d /dev/pts ] && bind /dev/pts
[ -d /dev/shm ] && bind /dev/shm
mount -t tmpfs tmpfs "$root/tmp"; mounted+=("$root/tmp")
cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true

inside() {
	local keep=() name
	for name in $(compgen -e | grep -iE '^(https?_proxy|no_proxy|pip_.*|go(proxy|sumdb|nosumdb|flags)|ssl_cert_file)$'); do
		case $name in PIP_FIND_LINKS) ;; *) keep+=("$name=${!name}") ;; esac
	done
	chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		DEBIAN_FRONTEND=noninteractive "${keep[@]}" "$@"
}
if [ ! -x "$root/usr/bin/git" ]; then # what a person has who types "git clone" and "make"
	inside apt-get update -qq
	inside apt-get install -y -qq --no-install-recommends git make ca-certificates >/dev/null
	[ -f /etc/ssl/certs/ca-certificates.crt ] && cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
fi
rm -rf "$root/root/coracle"
git clone -q "$repository" "$root/root/coracle"
inside bash -c 'cd /root/coracle && "$@"' bash "$@"
