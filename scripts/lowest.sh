#!/bin/sh
# Install the lowest versions that pyproject.toml admits, extra by extra, and run what each is for.
# Needs uv and Icarus Verilog.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

try() { # NAME EXTRAS COMMAND...
    name=$1 extras=$2
    shift 2
    echo "==> lowest versions of $name"
    uv venv -q --python 3.11 "$folder/$name"
    uv pip install -q --python "$folder/$name/bin/python" --resolution lowest-direct ".$extras" 'pytest>=8'
    "$folder/$name/bin/python" -m "$@"
}

try base "" itertl_eval.cli doctor
try lm-eval "[lm-eval]" pytest -q -m "not slow" tests/test_import.py tests/test_grade.py
