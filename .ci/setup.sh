#!/bin/sh
# Brings the system packages and the virtual environment that `make demo` and `make test` need.
set -eu
PYTHON="${PYTHON:-python3}"
VENV="${VENV:-.venv}"

missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need "$PYTHON" python3
need g++ build-essential
need dbus-daemon dbus
need espeak-ng espeak-ng
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
header="$("$PYTHON" -c 'import sysconfig; print(sysconfig.get_path("include"))' 2>/dev/null || true)/Python.h"
[ -e "$header" ] || missing="$missing python3-dev"

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
        echo "Installing system packages:$missing"
        apt-get update -q >/dev/null
        # shellcheck disable=SC2086  # a list of packages
        DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $missing >/dev/null
    else
        echo "Please install these system packages first: apt-get install$missing" >&2
        exit 1
    fi
fi

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..." >&2
    exit 1
}

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
echo "Installing Python packages into $VENV. llama-cpp-python is compiled here: that takes some minutes the first time."
"$VENV/bin/python" .ci/build_llama.py "$VENV/bin/python"
"$VENV/bin/python" -m pip install -q --disable-pip-version-check -c requirements.lock -e ".[voice,dev,sim]"

# What pip had in its cache may have been compiled with other flags or on another processor: it is tried, not trusted.
"$VENV/bin/python" -m vehicle_agent.planning.trial || {
    echo "llama-cpp-python is compiled anew for this computer."
    "$VENV/bin/python" .ci/build_llama.py "$VENV/bin/python" --anew
    "$VENV/bin/python" -m vehicle_agent.planning.trial || exit 1
}
touch "$VENV/.ready"
