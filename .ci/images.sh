# Sourced by docker.sh: makes stand-ins for the images that docker-compose.yml and the
# Dockerfile name, from what Debian, npm and this machine's Go have. An image that is
# there already is used as it is.
# shellcheck shell=bash

standins=() # made here

# with_libraries copies programs with the libraries that they load into a root.
with_libraries() { # root, file...
  local root=$1 file
  shift
  for file in "$@"; do
    cp --parents --dereference "$file" "$root"
    # Of a static program ldd lists nothing, and fails.
    { ldd "$file" 2>/dev/null || true; } | sed -nE 's/.*[[:space:]](\/[^ ]+) .*/\1/p' | xargs -r cp --parents --dereference -t "$root"
  done
}

# small_root has a shell and what a shell script uses.
small_root() { # root
  mkdir -p "$1"/{bin,etc/ssl/certs,root,usr/bin,usr/local/bin}
  mkdir -m 1777 "$1/tmp"
  with_libraries "$1" "$(command -v busybox)"
  if [[ ! -e $1/bin/busybox ]]; then cp "$(command -v busybox)" "$1/bin/busybox"; fi
  "$1/bin/busybox" --list | grep -vx busybox | xargs -I{} ln -sf busybox "$1/bin/{}"
  cp /etc/ssl/certs/ca-certificates.crt "$1/etc/ssl/certs/"
  printf 'root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999:postgres:/var/lib/postgresql:/bin/sh\n' >"$1/etc/passwd"
  printf 'root:x:0:\npostgres:x:999:\n' >"$1/etc/group"
}

# import makes an image of a root, and remembers that it is none of the real ones.
import() { # image, root, change...
  local image=$1 root=$2 changes=() change
  shift 2
  for change in "$@"; do changes+=(--change "$change"); done
  tar --create --directory "$root" --owner 0 --group 0 . | docker import "${changes[@]}" - "$image" >/dev/null
  rm -rf "$root"
  standins+=("$image")
  echo "made a stand-in for $image"
}

# standin makes an image unless it is there.
standin() { # image, function that makes it
  if docker image inspect "$1" >/dev/null 2>&1; then
    echo "$1 is there"
    return
  fi
  local root
  root=$(mktemp -d "$DELFOS_CI_SCRATCH/image-XXXXXX")
  chmod 755 "$root"
  small_root "$root"
  "$2" "$1" "$root"
}

# golang_image has this machine's Go, and the modules that go.sum names in place of a
# network.
golang_image() { # image, root
  local proxy
  proxy=file://$(go env GOMODCACHE)/cache/download
  mkdir -p "$2/usr/local/go" "$2/proxy"
  cp -a "$(go env GOROOT)"/{bin,lib,pkg,src,VERSION,go.env} "$2/usr/local/go/"
  GOMODCACHE=$DELFOS_CI_SCRATCH/modules GOFLAGS=-modcacherw GOSUMDB=off GOPROXY=$proxy go mod download
  cp -r "$DELFOS_CI_SCRATCH"/modules/cache/download/. "$2/proxy/"
  rm -rf "$DELFOS_CI_SCRATCH/modules"
  import "$1" "$2" 'ENV PATH=/usr/local/go/bin:/bin GOPROXY=file:///proxy GOSUMDB=off GOTOOLCHAIN=local' 'WORKDIR /go'
}

# postgres_image has the PostgreSQL of Debian's package.
postgres_image() { # image, root
  local bin
  bin=$(find /usr/lib/postgresql -path '*/bin/initdb' | sort -V | tail -1 | xargs dirname)
  with_libraries "$2" "$bin"/{createdb,initdb,pg_ctl,pg_isready,postgres}
  cp -r --parents "${bin%/bin}/lib" "/usr/share/postgresql/$(basename "${bin%/bin}")" /usr/share/zoneinfo "$2"
  cp infra/docker/standin/postgres.sh "$2/usr/local/bin/docker-entrypoint.sh"
  mkdir -p "$2/var/lib/postgresql/data" "$2/var/run/postgresql"
  chmod 1777 "$2/var/run/postgresql"
  import "$1" "$2" "ENV PATH=/usr/local/bin:$bin:/bin PGDATA=/var/lib/postgresql/data" 'ENTRYPOINT ["docker-entrypoint.sh"]'
}

# dynamodb_image has Dynoxide behind the command line of DynamoDB Local.
dynamodb_image() { # image, root
  mkdir -p "$2/home/dynamodblocal/data"
  cp "$DELFOS_DYNOXIDE" "$2/usr/bin/dynoxide"
  cp infra/docker/standin/java.sh "$2/usr/bin/java"
  cp infra/docker/standin/curl.sh "$2/usr/bin/curl"
  import "$1" "$2" 'ENV PATH=/usr/bin:/bin' 'WORKDIR /home/dynamodblocal' 'ENTRYPOINT ["java"]'
}

# standin_images reads which images are wanted where users read it.
standin_images() {
  local name
  for name in golang postgres dynamodb; do
    standin "$(sed -nE "s/^(FROM|  *image:) (.*${name}[^ ]*).*/\2/p" infra/docker/Dockerfile docker-compose.yml | head -1)" "${name}_image"
  done
}
