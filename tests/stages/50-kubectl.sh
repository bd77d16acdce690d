# Everyday commands by an old and a current kubectl.
set -u
export CORACLE=${CORACLE:-$CORACLE_CHECKED}
tools/bootstrap.sh venv kubectl || exit 1
tools/kubectl.sh || exit 1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
runs=()
for version in 1.20 1.34; do # side by side: most of the time is kubectl's own
	KUBECTLS=$version python3 tools/pytest_results.py .venv-kubectl/bin/python kubectl tests/conformance/kubectl \
		>"$out/$version" 2>&1 &
	runs+=($!)
done
for run in "${runs[@]}"; do wait "$run" || echo "FAIL kubectl: exit code $?"; done
cat "$out"/*
