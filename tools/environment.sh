#!/usr/bin/env bash
# Makes .venv from requirements.lock, or brings it up to date. Needs Python >= 3.11 and nothing else;
# uv is used where it is found, pip suffices. The full output is kept in .venv/install.log.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '%s\n' "$*" >&2; }
fail() { for line in "$@"; do say "$line"; done; exit 1; }

version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
    local candidate found=""
    for candidate in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        command -v "$candidate" >/dev/null || continue
        if new_enough "$candidate"; then command -v "$candidate"; return; fi
        found="$found $candidate=$(version_of "$candidate")"
    done
    [ -n "$found" ] && fail "Python 版本过低：需要 3.11 或更高，本机为$found。" \
        "Python is too old: 3.11 or newer is needed, found$found. Set PYTHON=/path/to/python3.11 to name another."
    fail "未找到 Python：请安装 Python 3.11 或更高版本。" "No Python found: install Python 3.11 or newer (Debian: apt install python3)."
}

make_venv() {
    local log=.environment.log
    # Debian splits ensurepip off into python3-venv, so the plain way may fail after it has made half a folder.
    if "$python" -m venv --clear .venv >"$log" 2>&1; then rm -f "$log"; return; fi
    if command -v uv >/dev/null && uv venv --quiet --clear --python "$python" .venv >>"$log" 2>&1; then rm -f "$log"; return; fi
    if "$python" -m pip --version >/dev/null 2>&1 && "$python" -m venv --clear --without-pip .venv >>"$log" 2>&1; then
        rm -f "$log"; return
    fi
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "安装系统包 python3-venv · installing the system package python3-venv"
        if { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends python3-venv; } \
            >>"$log" 2>&1 </dev/null && "$python" -m venv --clear .venv >>"$log" 2>&1; then rm -f "$log"; return; fi
    fi
    tail -n 5 "$log" >&2
    rm -rf .venv "$log"
    fail "无法创建 .venv：请由管理员安装 python3-venv（apt install python3-venv），然后重试。" \
        "Cannot make .venv: have an administrator install python3-venv (apt install python3-venv), then try again."
}

# One moving line on a terminal, a line per quarter elsewhere.
show_progress() {
    awk -v total="$1" -v terminal="$([ -t 2 ] && echo 1 || echo 0)" '
        /^(Collecting|Processing|Requirement already satisfied|Ignoring) / {
            done_count++
            if (terminal) printf "\r安装依赖 installing dependencies %d/%d ", done_count, total > "/dev/stderr"
            else if (int(4 * done_count / total) > quarter) {
                quarter = int(4 * done_count / total)
                printf "安装依赖 installing dependencies %d/%d\n", done_count, total > "/dev/stderr"
            }
        }
        /^Installing collected packages/ { if (terminal) printf "\r写入磁盘 writing to disk …                        " > "/dev/stderr" }
        END { if (terminal) printf "\r\033[K" > "/dev/stderr" }'
}

pip_install() {
    if .venv/bin/python -m pip --version >/dev/null 2>&1; then .venv/bin/python -m pip install --disable-pip-version-check "$@"
    else "$python" -m pip --python .venv/bin/python install --disable-pip-version-check "$@"; fi
}

install_locked() {
    if command -v uv >/dev/null; then
        say "安装依赖 installing dependencies (uv)"
        uv pip install --quiet --python .venv/bin/python --no-deps --require-hashes -r requirements.lock >.venv/install.log 2>&1 && return
        # uv does not read pip's settings, so a site whose index is configured for pip alone still gets its packages.
    fi
    pip_install --no-compile --no-deps --require-hashes --no-input -r requirements.lock 2>&1 | tee .venv/install.log |
        show_progress "$(grep -c '^[a-z0-9].*==' requirements.lock)"
}

started=$SECONDS
python=$(find_python)
if ! { [ -x .venv/bin/python ] && new_enough .venv/bin/python; }; then
    say "创建环境 making the environment .venv (Python $(version_of "$python"))"
    make_venv
fi
if ! install_locked; then
    grep -iE 'error|could not|no matching|hash' .venv/install.log | tail -n 8 >&2 || tail -n 8 .venv/install.log >&2
    fail "依赖安装失败：请检查网络或 pip 的软件源设置，全部输出见 .venv/install.log。" \
        "Installing the dependencies failed: check the network or pip's index setting; the full output is in .venv/install.log."
fi
if ! { command -v uv >/dev/null && uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e . >>.venv/install.log 2>&1; } &&
    ! pip_install --quiet --no-deps --no-build-isolation -e . >>.venv/install.log 2>&1; then
    tail -n 8 .venv/install.log >&2
    fail "carestat 安装失败，全部输出见 .venv/install.log。" "Installing carestat failed; the full output is in .venv/install.log."
fi
# What every run imports is compiled once here, whatever the environment says of bytecode: a run that may not write any
# would compile it each time, ten seconds of a night.
env -u PYTHONDONTWRITEBYTECODE .venv/bin/python -c \
    'import pipelines.definitions, dbt.cli.main, dbt.adapters.duckdb, great_expectations.expectations' >>.venv/install.log 2>&1 ||
    say "字节码未编译，不影响使用 · bytecode was not compiled, which only costs time (.venv/install.log)"
touch .venv/ready
say "环境就绪 environment ready ($((SECONDS - started)) s)"
