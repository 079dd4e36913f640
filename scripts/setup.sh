#!/bin/sh
# Install what this machine lacks: Icarus Verilog, a virtual environment in .venv, torch
# and this package with its development tools. Says what it does; a second run skips what is there.
set -eu
cd "$(dirname "$0")/.."

say() { printf '==> %s\n' "$*"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }
apt_install() {
    say "installing $* with apt-get"
    as_root apt-get update -q >/dev/null
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null
}

if [ -z "${ITERTL_EVAL_ICARUS:-}" ] && ! command -v iverilog >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1; then
        apt_install iverilog
    else
        cat >&2 <<'TEXT'
Icarus Verilog is missing and this system has no apt-get. Install it and start again:
    brew install icarus-verilog            (macOS)
    conda install -c conda-forge iverilog  (any, without root)
TEXT
        exit 3
    fi
fi

python=${PYTHON:-python3}
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; name one with PYTHON=..." >&2
    exit 3
}
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "making a virtual environment in .venv"
    rm -rf .venv
    "$python" -m venv .venv 2>/dev/null || {
        rm -rf .venv
        apt_install python3-venv
        "$python" -m venv .venv
    }
fi

# cocotb runs Python inside the simulator and needs it as a shared library.
wanted=$(cksum pyproject.toml hatch_build.py | cksum)
if [ "$(cat .venv/.itertl-installed 2>/dev/null)" != "$wanted" ]; then
    # The CPU build is enough for everything here; a torch that is there already is kept.
    if ! .venv/bin/python -c 'import torch' 2>/dev/null; then
        say "installing ${TORCH:=torch==2.13.0} (set TORCH to choose another build)"
        .venv/bin/python -m pip install -q --disable-pip-version-check $TORCH  # may hold options
    fi
    say "installing itertl-eval and its tools into .venv"
    .venv/bin/python -m pip install -q --disable-pip-version-check -e '.[dev]'
    if ! .venv/bin/python -c 'import find_libpython, sys; sys.exit(not find_libpython.find_libpython())'; then
        if command -v apt-get >/dev/null 2>&1; then
            apt_install python3-dev
        else
            echo "this Python has no shared library, which cocotb needs (build with --enable-shared)" >&2
            exit 3
        fi
    fi
    printf '%s' "$wanted" > .venv/.itertl-installed
fi
say "ready: $(.venv/bin/python -c 'from itertl_eval.grader import find_icarus; print(find_icarus().name)'), Python $(.venv/bin/python -c 'import platform; print(platform.python_version())')"
