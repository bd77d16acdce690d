#!/bin/bash
# The whole job in a scratch directory: start, train, upload, deploy, predict. Each step is what a user would type.
#   demo.sh [--keep]     --keep leaves the server running and the directory in place
set -eu
cd "$(dirname "$0")/../.."
here=examples/text-clustering
coracle=${CORACLE:-$PWD/build/coracle}
keep=${1:-}
tools/bootstrap.sh demo
tools/bootstrap.sh venv demo
work=$(mktemp -d -t coracle-demo.XXXXXX)
export CORACLE_DATA=$work/data
stop() {
	[ "$keep" = --keep ] && return
	"$coracle" down >/dev/null 2>&1 || true
	rm -rf "$work"
}
trap stop EXIT

now() { date +%s%N; }
step() { # step TITLE COMMAND...: runs it, prints its output indented and how long it took
	local title=$1 start; shift
	echo; echo "-- $title"
	start=$(now)
	"$@" | sed 's/^/   /'
	echo "   ($((($(now) - start) / 1000000)) ms)"
}

predict() {
	curl -sS --fail-with-body -H "Host: textclustering.kserve-textclustering.example.com" \
		"$CORACLE_INFERENCE_URL/v1/models/textclustering:predict" -d "$1"
	echo
}
deploy() {
	kubectl create namespace kserve-textclustering
	kubectl apply -n kserve-textclustering -f $here/s3-secret.yaml -f $here/inference-service.yaml
	kubectl wait -n kserve-textclustering --for=condition=Ready --timeout=60s inferenceservice/textclustering
	kubectl get -n kserve-textclustering inferenceservice
	kubectl get -n kserve-textclustering pods
}

data=()
[ -n "${CORACLE_TEST_DATA:-}" ] && [ -f "$CORACLE_TEST_DATA/20news-bydate.tar.gz" ] &&
	data=(--data "$CORACLE_TEST_DATA/20news-bydate.tar.gz")
export MINIO_ROOT_USER=minio MINIO_ROOT_PASSWORD=minio123
step "coracle up: object store, Kubernetes API and model server in one process" \
	"$coracle" up --free-ports --detach
eval "$("$coracle" env)"
"$coracle" image alias agmangas/sklearn-transformer:latest coracle/sklearn-transformer >/dev/null
step "train with scikit-learn" .venv-demo/bin/python $here/train.py "${data[@]}" --lsa 100 --output-dir "$work"
step "upload with boto3" .venv-demo/bin/python $here/upload.py textclustering "$work/model.joblib" "$work/transformer.joblib"
step "deploy with kubectl" deploy
step "predict with curl" predict '{"instances":[["Incubator lean startup creative alpha user experience entrepreneur product management crowdfunding. Alpha first mover advantage seed money android customer."]]}'

cat <<TEXT

Done. To go on:
   make demo KEEP=1                       leaves the server running and prints how to reach it
   $coracle up --detach && eval "\$($coracle env)"     your own server, data in ~/.local/share/coracle
   $coracle --help
TEXT
if [ "$keep" = --keep ]; then
	echo "   export CORACLE_DATA=$CORACLE_DATA; eval \"\$($coracle env)\"; kubectl get inferenceservices -A; $coracle down"
fi
