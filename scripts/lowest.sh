#!/bin/sh
# Install the lowest versions that pyproject.toml admits, extra by extra, and run what each is for.
# Needs uv and Icarus Verilog. With names of extras only those: lowest.sh solve serve
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

try() { # NAME EXTRAS COMMAND...
    name=$1 extras=$2
    shift 2
    echo "==> lowest versions of $name"
    uv venv -q --python 3.11 "$folder/$name"
    uv pip install -q --python "$folder/$name/bin/python" --resolution lowest-direct ".$extras" 'pytest>=8' 'httpx>=0.27'
    "$folder/$name/bin/python" -m "$@"
}

for name in ${*:-base lm-eval solve serve ray formal synth docs train}; do
    case $name in
    base) try base "" pytest -q -m "not slow" tests/test_grade.py tests/cli/test_cli.py ;;
    lm-eval) try lm-eval "[lm-eval]" pytest -q -m "not slow" tests/test_import.py tests/test_grade.py ;;
    solve) try solve "[solve]" pytest -q tests/solve ;;
    serve) try serve "[serve]" pytest -q tests/serve/test_app.py tests/serve/test_client.py ;;
    ray) try ray "[ray]" pytest -q tests/test_executors.py ;;
    formal) try formal "[formal]" pytest -q -m "not slow" tests/formal ;;
    synth) try synth "[synth]" pytest -q -m "not slow" tests/suites/test_cvdp_synthesis.py tests/suites/test_cvdp_lint.py ;;
    docs) try docs "[docs]" mkdocs build --strict -d "$folder/site" ;;
    train) try train "[train]" pytest -q tests/train/test_objective.py tests/train/test_config.py tests/train/test_encoder.py tests/train/test_trl.py ;;
    *) echo "no extra $name" >&2; exit 2 ;;
    esac
done
