# InferenceServices by the clients people use: kubectl, boto3, curl, kserve's SDK and the Python kubernetes client.
set -u
tools/bootstrap.sh venv kserve || exit 1
tools/kubectl.sh || exit 1
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 # a small machine trains faster so
python3 tools/pytest_results.py .venv-kserve/bin/python kserve tests/conformance/kserve
