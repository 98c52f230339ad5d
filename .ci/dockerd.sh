# Sourced by the stages that need Docker: docker_up finds a daemon or starts one of
# its own, and docker_down stops what was started.
# shellcheck shell=bash

docker_pid='' standin_made=''

# docker_up ends the stage where there is no Docker, loudly; DELFOS_CI_SKIP_DOCKER=1
# lets it pass without.
docker_up() {
  if docker info >/dev/null 2>&1; then
    docker_gateway=$(docker network inspect bridge --format '{{(index .IPAM.Config 0).Gateway}}')
    echo "Docker $(docker version --format '{{.Server.Version}}') runs already"
    return
  fi
  if start_dockerd; then return; fi
  if [[ ${DELFOS_CI_SKIP_DOCKER:-} == 1 ]]; then
    echo "!!! NOT SHOWN: Docker cannot start here, and DELFOS_CI_SKIP_DOCKER=1 lets this stage pass without it."
    exit 0
  fi
  echo "!!! DOCKER CANNOT START HERE, and this stage cannot show what it is for." >&2
  echo "!!! Start a daemon, or let the stage pass without: DELFOS_CI_SKIP_DOCKER=1" >&2
  exit 1
}

# start_dockerd gives the daemon a directory, a socket and a bridge of its own. It
# writes no firewall rules: nothing in it reaches further than this machine.
start_dockerd() {
  docker_home=$DELFOS_CI_SCRATCH/docker docker_bridge=delfos$$
  mkdir -p "$docker_home"
  if ! command -v dockerd >/dev/null; then
    echo "dockerd is not installed: apt-get install docker.io" >&2
    return 1
  fi
  local subnet
  subnet=$(free_subnet)
  docker_gateway=$subnet.1
  if ! { ip link add "$docker_bridge" type bridge && ip address add "$docker_gateway/24" dev "$docker_bridge" &&
    ip link set "$docker_bridge" up; }; then
    echo "a network bridge cannot be made, which takes root" >&2
    return 1
  fi
  dockerd --data-root "$docker_home/data" --exec-root "$docker_home/exec" --pidfile "$docker_home/pid" \
    --host "unix://$docker_home/sock" --bridge "$docker_bridge" --iptables=false --ip-masq=false \
    >"$docker_home/log" 2>&1 &
  docker_pid=$!
  export DOCKER_HOST=unix://$docker_home/sock
  for _ in $(seq 150); do
    if docker info >/dev/null 2>&1; then
      echo "started Docker $(docker version --format '{{.Server.Version}}')"
      return
    fi
    kill -0 "$docker_pid" 2>/dev/null || break
    sleep 0.2
  done
  tail -n 20 "$docker_home/log" >&2
  docker_down
  return 1
}

# free_subnet finds three octets that no route of this machine begins with.
free_subnet() {
  local third
  for third in $(seq 1 254); do
    if ! ip -4 address | grep -qF "inet 10.213.$third."; then
      echo "10.213.$third"
      return
    fi
  done
  return 1
}

# docker_down leaves nothing of a daemon that docker_up started, and no stand-in with
# another's, who would take it for the real image.
docker_down() {
  if [[ -n ${standin_made:-} && -z $docker_pid ]]; then
    docker image rm --force "$standin_made" "${standin_made%-x86_64}-rapid-x86_64" >/dev/null 2>&1 || true
  fi
  if [[ -n $docker_pid ]]; then
    kill -TERM "$docker_pid" 2>/dev/null || true
    wait "$docker_pid" 2>/dev/null || true
    docker_pid=
  fi
  if [[ -n ${docker_bridge:-} ]]; then ip link delete "$docker_bridge" 2>/dev/null || true; fi
}

# standin_lambda_image stands in for Lambda's base image, which cannot be had without
# the internet: what the functions, static binaries, find there is a shell, CA
# certificates and the directories. SAM adds its own Runtime Interface Emulator.
standin_lambda_image() {
  local image=public.ecr.aws/lambda/provided:al2023-x86_64 root=$DELFOS_CI_SCRATCH/lambda-image
  if docker image inspect "$image" >/dev/null 2>&1; then return; fi
  mkdir -p "$root"/{bin,etc/ssl/certs,etc/pki/tls/certs,opt,tmp,var/task,var/runtime,var/rapid}
  chmod 1777 "$root/tmp"
  cp "$(command -v busybox)" "$root/bin/busybox"
  for name in sh mv chmod cp rm mkdir ls cat; do ln -sf busybox "$root/bin/$name"; done
  cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
  ln -sf /etc/ssl/certs/ca-certificates.crt "$root/etc/pki/tls/certs/ca-bundle.crt"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
  tar --create --directory "$root" . | docker import --change 'ENV PATH=/bin' --change 'WORKDIR /var/task' - "$image" >/dev/null
  standin_made=$image
  echo "made a stand-in for $image from busybox and CA certificates"
}
