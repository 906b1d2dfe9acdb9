#!/usr/bin/env bash
# Builds interleave, the Jupyter kernel for Go, and registers it. `./install.sh --help` tells the rest.
set -euo pipefail

usage() {
  cat <<'TXT'
usage: ./install.sh              build the kernel and register it for this user
       ./install.sh lab [ARGS]   the same, then JupyterLab on notebooks/; ARGS go to jupyter-lab
       ./install.sh test         everything that CI checks
       ./install.sh bench [ARGS] the kernel measured from outside beside Python's; ARGS go to kernel/python/kernelbench.py
       ./install.sh --uninstall  remove the kernel, its environment and its caches

Nothing outside your own directories is touched, but for `test` as root, which gets chromium by apt-get.
  ${XDG_DATA_HOME:-~/.local/share}/interleave   the program, Vega, and JupyterLab where `lab` had to get one
  ${XDG_CACHE_HOME:-~/.cache}/interleave        what can be made again
The clone is not needed afterwards.
TXT
}

: "${HOME:?is not set: set it to your home directory}"
root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}/interleave
cache=${XDG_CACHE_HOME:-$HOME/.cache}/interleave
program=$data/bin/interleave
python_dir=$root/kernel/python
cd "$root"

say() { printf '%s\n' "install.sh: $*"; }
die() { printf '%s\n' "install.sh: $*" >&2; exit 1; }

# ---- what has to be there -------------------------------------------------------------------------------------------

# hint PACKAGE: how this system gets a package.
hint() {
  if command -v apt-get >/dev/null; then echo "apt-get install $1"
  elif command -v dnf >/dev/null; then echo "dnf install ${1/python3-venv/python3}"
  else echo "install the package $1"; fi
}

has_go() {
  local version
  version=$(GOTOOLCHAIN=local go version 2>/dev/null) || return 1
  [[ $version =~ go([0-9]+)\.([0-9]+) ]] || return 1
  ((BASH_REMATCH[1] > 1 || BASH_REMATCH[2] >= 26))
}

# has_venv MINOR: Python 3.MINOR or newer, with venv.
has_venv() { python3 -c "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, $1))" 2>/dev/null; }

# need TOOL...: ends with one line for each tool that is missing.
need() {
  local tool missing=()
  for tool in "$@"; do
    case $tool in
      go) has_go || missing+=("go 1.26 or newer: get it from https://go.dev/dl/ and put its bin on your PATH") ;;
      gcc) command -v gcc >/dev/null || missing+=("gcc: $(hint gcc)") ;;
      python3.*) has_venv "${tool#*.}" || missing+=("$tool or newer, with venv: $(hint python3-venv)") ;;
    esac
  done
  ((${#missing[@]})) || return 0
  say "this is missing, then start again:" >&2
  printf '  %s\n' "${missing[@]}" >&2
  exit 1
}

# ---- the kernel -----------------------------------------------------------------------------------------------------

# build FILE: the program, in one step, so that a running kernel keeps its own.
build() {
  local flags=()
  # A clone of another owner or without commits has no version to record.
  git rev-parse -q --verify HEAD >/dev/null 2>&1 || flags+=(-buildvcs=false)
  # With this, cells can be linked against the program, where prepare finds that it works: see interp/native/fast.
  [[ $(go env GOOS GOARCH | xargs) != "linux amd64" ]] || flags+=("-gcflags=all=-linkshared")
  mkdir -p "$(dirname "$1")" && go build "${flags[@]}" -o "$1.new" . && mv -f "$1.new" "$1"
}

install_kernel() {
  need go
  command -v gcc >/dev/null || say "no gcc here: cells with C in them will not compile; get it with: $(hint gcc)"
  say "building $program"
  build "$program"
  mkdir -p bin && ln -sfn "$program" bin/interleave
  "$program" install --user
  "$program" prepare
}

uninstall() {
  if [[ -x $program ]]; then "$program" uninstall --user
  else say "no $program: a kernelspec, if there is one, stays: jupyter kernelspec remove interleave"; fi
  # The go command makes what it downloads read-only.
  [[ ! -d $cache ]] || chmod -R u+w "$cache"
  rm -rf "${data:?}/bin" "${data:?}/venv" "${data:?}/venv.lock" "$data/vega.js" "$data/vega.js.version" "$cache" bin/interleave
  rmdir bin "$data" 2>/dev/null || true
  say "removed"
  [[ ! -d $data ]] || say "kept, since it is yours: $(echo "$data"/*)"
}

# ---- Python environments --------------------------------------------------------------------------------------------

# venv DIR REQUIREMENTS: an environment with just these and the plug-in for papermill; made anew when they or Python change.
# Two at once wait.
venv() {
  local dir=$1 requirements=$2 key
  mkdir -p "$(dirname "$dir")"
  (
    ! command -v flock >/dev/null || flock 9
    key=$({ python3 --version && cat "$python_dir"/requirements-*.txt "$python_dir"/papermill-go/*.*; } | sha256sum | cut -c1-16)
    [[ $(cat "$dir/complete" 2>/dev/null) != "$key" ]] || exit 0
    say "Python packages into $dir"
    rm -rf "$dir"
    python3 -m venv "$dir"
    "$dir/bin/python" -m pip install --quiet --disable-pip-version-check -r "$python_dir/$requirements" "$python_dir/papermill-go"
    echo "$key" >"$dir/complete"
  ) 9>"$dir.lock"
}

# vega FILE: the library that draws charts in the pages of `interleave html`, out of a package that has it inside. A page
# without it shows the pictures that are saved with the charts, so that nothing fails for want of it.
vega() {
  local file=$1 work key
  key=$(sha256sum <"$python_dir/requirements-vega.txt" | cut -c1-16)
  [[ ! -f $file || $(cat "$file.version" 2>/dev/null) != "$key" ]] || return 0
  say "Vega, for charts in pages, into $file"
  mkdir -p "$(dirname "$file")"
  work=$(mktemp -d)
  if python3 -m venv "$work" && "$work/bin/python" -m pip install --quiet --disable-pip-version-check -r "$python_dir/requirements-vega.txt" &&
    "$work/bin/python" -c 'import sys, vl_convert as v; sys.stdout.write(v.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version="5.21"))' >"$work/vega.js"; then
    mv "$work/vega.js" "$file" && echo "$key" >"$file.version"
  else
    say "no Vega: pages show the saved pictures of charts"
  fi
  rm -rf "$work"
}

# lab_program prints the jupyter-lab to start: yours where there is one, since it has your settings and other kernels.
lab_program() {
  if [[ $(jupyter-lab --version 2>/dev/null) =~ ^([4-9]|[1-9][0-9])\. ]]; then command -v jupyter-lab; return; fi
  need python3.10
  venv "$data/venv" requirements-lab.txt >&2
  echo "$data/venv/bin/jupyter-lab"
}

lab() {
  local args=("--ServerApp.root_dir=$root/notebooks") lab
  install_kernel
  lab=$(lab_program)
  vega "$data/vega.js"
  if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-} ]]; then
    args+=(--no-browser)
    say "no screen here: open the address below in a browser"
  fi
  ((EUID)) || args+=(--allow-root)
  exec "$lab" "${args[@]}" "$@"
}

# ---- tests ----------------------------------------------------------------------------------------------------------

# Packages whose goroutines share state; -race of the rest would double the time and find nothing.
race_packages=(./demos ./demos/host ./kernel ./kernel/zmtp ./interp ./interp/child ./interp/eval ./interp/native/load ./interp/process ./display ./demos/timeline ./demos/worker)

failed=() # steps; what was skipped, with its reason, is in $work/skipped

skip() { printf '%s\n' "$*" >>"$work/skipped"; }

# step NAME COMMAND...: runs it, tells its time; a failure is told at the end too, and the rest still runs.
step() {
  local name=$1 start=$SECONDS
  shift
  say "-- $name"
  if "$@"; then say "-- $name: ok, $((SECONDS - start)) s"
  else failed+=("$name"); say "-- $name: FAILED, $((SECONDS - start)) s"; fi
}

# get_chromium gets a browser, or tells why it is skipped.
get_chromium() {
  local hint
  command -v chromium chromium-browser google-chrome >/dev/null && return
  hint=$(hint chromium)
  if ((EUID)) || ! command -v apt-get >/dev/null; then
    skip "browser tests: no chromium: $hint"
    return
  fi
  say "chromium by apt-get"
  local apt=(apt-get -qq -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2)
  if ! { "${apt[@]}" update && DEBIAN_FRONTEND=noninteractive "${apt[@]}" install -y --no-install-recommends chromium; } >"$work/apt.log" 2>&1 </dev/null; then
    skip "browser tests: no chromium: $hint failed: $(tail -n 1 "$work/apt.log")"
  fi
}

check_format() {
  local files
  files=$(gofmt -l .)
  [[ -z $files ]] || { printf 'not gofmt-ed: %s\n' "$files"; return 1; }
}

# go_test ARGS...: go test, one line a package where all is well. Two may run at once.
go_test() {
  local log status=0
  log=$(mktemp -p "$work")
  go test -v -timeout 30m -parallel 4 "$@" >"$log" 2>&1 </dev/null || status=$?
  if ((status)); then grep -vE '^ *(=== |--- PASS|--- SKIP)|^PASS$|\[no test files\]$' "$log"
  else grep '^ok' "$log"; fi || true
  awk '
    /^ *=== (RUN|CONT|NAME) / { test = $3 }
    /_test\.go:[0-9]+: / { sub(/^ +/, ""); note[test] = $0 }
    /^ *--- SKIP: / { print "go test: " $3 ": " note[$3] }' "$log" >>"$work/skipped"
  return "$status"
}

# Tests of package interp that depend on how cells are linked; all of them run with cells linked against the program.
linking='^Test(Again|Another|Cache|Corpus|DiskFull|GoUpgraded|InterruptKills|InterruptOfC|Kernels|ManyNativeCells|Module|Plugin|Scripts|WithoutC)'

other_packages() { go_test $(go list ./... | grep -vx interleave/interp); }

# linked: many of interp's tests wait, and run one after the other; those that compute run beside them.
linked() {
  local crowd='^Test(Corpus|Scripts)$' status=0 beside
  go_test -gcflags=all=-linkshared -run "$crowd" ./interp &
  beside=$!
  go_test -gcflags=all=-linkshared -skip "$crowd" ./interp ./interp/native/... || status=1
  wait "$beside" || status=1
  return "$status"
}

race() {
  local package packages=()
  for package in "${race_packages[@]}"; do
    ! compgen -G "$package/*_test.go" >/dev/null || packages+=("$package")
  done
  GORACE=atexit_sleep_ms=0 go_test -race -short "${packages[@]}" # else each child process ends a second late
}

# How often each fuzz target runs: what takes about ten seconds on one core. A count, since a run that ends by time may
# fail of its own deadline (go.dev/issue/75804, mended in Go 1.27).
fuzz_runs() {
  case $1 in
    FuzzParse) echo 10000 ;;
    FuzzHighlight | FuzzCheck) echo 12000 ;;
    FuzzFrames) echo 50000 ;;
    *) echo 100000 ;;
  esac
}

# fuzz_target NAME DIRECTORY: one target, on one core; a run of its own, as the go command wants it.
fuzz_target() {
  local log=$work/$1.log
  timeout 180 go test -run '^$' -fuzz "^$1\$" -fuzztime "$(fuzz_runs "$1")x" -parallel 1 "$2" >"$log" 2>&1 </dev/null ||
    { say "$1: failed"; cat "$log"; return 1; }
  say "$1: $(grep -oE 'execs: [0-9]+' "$log" | tail -n 1)"
}

# fuzz runs every fuzz target, two at a time.
fuzz() {
  local file target status=0
  while IFS=: read -r file target; do
    (($(jobs -rp | wc -l) < 2)) || wait -n || status=1
    fuzz_target "$target" "./$(dirname "$file")" &
  done < <(grep -roE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]*' . | sed 's/func //')
  while (($(jobs -p | wc -l))); do wait -n || status=1; done
  return "$status"
}

# python_tests: the files with Python tests, two at a time: they wait more than they compute.
python_tests() {
  local log=$work/pytest.log status=0
  "$test_venv/bin/python" -m pytest -c "$python_dir/pytest.ini" "$python_dir/tests" -n 2 --dist loadfile \
    >"$log" 2>&1 </dev/null || status=$?
  cat "$log"
  sed -n 's/^SKIPPED/pytest:/p' "$log" >>"$work/skipped"
  return "$status"
}

run_tests() {
  local start=$SECONDS
  need go gcc python3.11
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  # Your own kernels and history are none of the tests' business.
  export JUPYTER_DATA_DIR=$work/jupyter XDG_DATA_HOME=$work/data
  export INTERLEAVE_ARTIFACTS=${INTERLEAVE_ARTIFACTS:-$cache/artifacts}
  test_venv=$cache/test-venv
  venv "$test_venv" requirements-test.txt
  vega "$cache/vega.js"
  [[ ! -f $cache/vega.js ]] || export INTERLEAVE_VEGA=$cache/vega.js
  get_chromium
  step gofmt check_format
  step "go vet" go vet ./...
  step "go vet, without C" env CGO_ENABLED=0 go vet ./interp/native/load
  step build build "$work/interleave"
  step prepare "$work/interleave" prepare
  export INTERLEAVE_BIN=$work/interleave
  step "go test" other_packages
  step "go test, cells with a copy of the library" go_test -run "$linking" ./interp
  step "go test, cells linked against the program" linked
  step "go test -race" race
  step fuzz fuzz
  step pytest python_tests
  say "$((SECONDS - start)) s in all"
  [[ ! -s $work/skipped ]] || sort -u "$work/skipped" | sed 's/^/  skipped: /'
  ((${#failed[@]} == 0)) || { printf '  FAILED: %s\n' "${failed[@]}"; exit 1; }
  say "all passed"
}

# ---- measuring ------------------------------------------------------------------------------------------------------

# bench ARGS...: the figures of the README. Other kernels are taken from JUPYTER_PATH, and named with --kernel.
bench() {
  need go python3.11
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  test_venv=$cache/test-venv
  venv "$test_venv" requirements-test.txt
  build "$work/interleave"
  "$work/interleave" prepare
  "$work/interleave" install --prefix "$work" >/dev/null
  JUPYTER_PATH=$work/share/jupyter${JUPYTER_PATH:+:$JUPYTER_PATH} XDG_DATA_HOME=$work/data \
    "$test_venv/bin/python" "$python_dir/kernelbench.py" --kernel interleave=go --kernel python3 "$@"
}

case ${1:-} in
  "") install_kernel; say "done: start JupyterLab and choose \"Go (interleave)\", or run: ./install.sh lab" ;;
  lab) shift; lab "$@" ;;
  test) run_tests ;;
  bench) shift; bench "$@" ;;
  --uninstall) uninstall ;;
  -h | --help) usage ;;
  *) usage >&2; die "unknown argument: $1" ;;
esac
