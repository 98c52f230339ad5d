# Sourced before `sam build`: the flags that local.Build gives to `go build`. SAM has no
# place for them, but hands the environment on to Go: no C library to miss on Lambda, no
# symbols, and nothing of what the functions do not use.
# shellcheck shell=bash
export CGO_ENABLED=0
export GOFLAGS='-buildvcs=false -tags=lambda.norpc,nethttpomithttp2,nopgxregisterdefaulttypes -ldflags=-s'
