# Installs what the other stages need, and nothing that is there already.
# shellcheck shell=bash disable=SC2317 # functions are called by name
set -euo pipefail
source .ci/environment.sh

# debian installs packages; apt may be at work elsewhere.
debian() { # package...
  if [[ $(id -u) -ne 0 ]]; then
    echo "not installed, and only root can: apt-get install $*" >&2
    return 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "$@"
}

find_initdb() {
  command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1 | grep .
}

install_postgresql() {
  if find_initdb; then return; fi
  debian postgresql-common
  # The tests start servers of their own; Debian's own cluster would only be in the way.
  sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
  debian postgresql
  find_initdb
}

# go_tool installs package@version; a stamp tells that it is there.
go_tool() { # package, version
  local stamp=$tools/stamps/${1##*/}-$2
  if [[ -e $stamp ]]; then return; fi
  GOBIN=$tools/bin GOFLAGS="" go install "$1@$2"
  touch "$stamp"
}

install_go_tools() {
  go mod download
  go_tool mvdan.cc/gofumpt "$gofumpt"
  go_tool honnef.co/go/tools/cmd/staticcheck "$staticcheck"
  go_tool golang.org/x/vuln/cmd/govulncheck "$govulncheck"
  go_tool github.com/golangci/golangci-lint/v2/cmd/golangci-lint "$golangci_lint"
  ls "$tools/bin"
}

# python_tools fills a virtual environment; sam and aws want different versions of
# the same libraries, and so one each.
python_tools() { # name, requirement...
  local stamp name=$1
  shift
  stamp=$tools/stamps/$name-$(IFS=_ && echo "$*")
  if [[ -e $stamp ]]; then return; fi
  rm -rf "${tools:?}/$name"
  python3 -m venv "$tools/$name"
  "$tools/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
  touch "$stamp"
}

install_python_tools() {
  python_tools sam "aws-sam-cli==$sam_cli" "cfn-lint==$cfn_lint"
  python_tools aws "awscli==$aws_cli"
  python_tools ministack "ministack==$ministack" "aws-sam-translator==$sam_translator"
  sam --version
  aws --version
}

# install_docker gets what Docker's stages need. That Docker cannot be had is for them to say.
install_docker() {
  local missing=() command
  for command in dockerd:docker.io docker-compose:docker-compose iptables:iptables ip:iproute2 busybox:busybox-static; do
    command -v "${command%:*}" >/dev/null || missing+=("${command#*:}")
  done
  if [[ ${#missing[@]} -gt 0 ]]; then debian "${missing[@]}" ca-certificates; fi
}

# install_compose builds the second version of compose, which Debian does not have: what
# `docker compose` runs, found by way of DOCKER_CONFIG.
install_compose() {
  local stamp=$tools/stamps/compose-$compose source=$DELFOS_CI_SCRATCH/compose
  if [[ -e $stamp ]]; then return; fi
  cp -r "$(cd "$DELFOS_CI_SCRATCH" && go mod download -json "github.com/docker/compose/v2@$compose" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')" "$source"
  chmod -R u+w "$source"
  mkdir -p "$tools/docker/cli-plugins"
  (cd "$source" && CGO_ENABLED=0 go build -trimpath -ldflags "-s -X github.com/docker/compose/v2/internal.Version=$compose" \
    -o "$tools/docker/cli-plugins/docker-compose" ./cmd)
  rm -rf "$source"
  "$tools/docker/cli-plugins/docker-compose" version
  touch "$stamp"
}

install_dynoxide() {
  if ! grep -qs "\"version\": *\"$dynoxide\"" "$(dirname "$DELFOS_DYNOXIDE")/package.json"; then
    npm install --prefix "$tools/dynoxide" --no-save --no-audit --no-fund --loglevel error "@dynoxide/linux-x64@$dynoxide"
  fi
  test -x "$DELFOS_DYNOXIDE"
}

install_axe() {
  if ! grep -qs "\"version\": *\"$axe_core\"" "$(dirname "$DELFOS_AXE")/package.json"; then
    npm install --prefix "$tools/axe" --no-save --no-audit --no-fund --loglevel error "axe-core@$axe_core"
  fi
  test -s "$DELFOS_AXE"
}

# install_chromium leaves the version to Debian: there the browser's security fixes come.
install_chromium() {
  if command -v chromium; then return; fi
  debian chromium fonts-dejavu-core
  command -v chromium
}

install_shellcheck() {
  if command -v shellcheck; then return; fi
  debian shellcheck
  command -v shellcheck
}

# install_debian brings Debian's packages one after the other: apt has one lock.
install_debian() {
  install_postgresql
  install_chromium
  install_shellcheck
  install_docker || echo "Docker could not be installed; the stages that need it say so"
}

mkdir -p "$tools/bin" "$tools/stamps"
go version
python3 --version

parts="debian go_tools python_tools dynoxide axe compose"
declare -A jobs=()
for part in $parts; do
  (set -e && "install_$part") >"$DELFOS_CI_SCRATCH/install-$part.log" 2>&1 &
  jobs[$part]=$!
done
status=0
for part in $parts; do
  said=installed
  wait "${jobs[$part]}" || { said=FAILED && status=1; }
  echo "$part: $said"
  sed 's/^/    /' "$DELFOS_CI_SCRATCH/install-$part.log"
done
exit "$status"
