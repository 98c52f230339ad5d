# Sourced by every stage: the tools' versions and where they are.
# shellcheck shell=bash disable=SC2034
set -euo pipefail

golangci_lint=v2.15.0
gofumpt=v0.12.0
staticcheck=v0.8.2
govulncheck=v1.9.0
sam_cli=1.170.0
cfn_lint=1.58.0
aws_cli=1.46.3
dynoxide=1.2.1
axe_core=4.14.1
ministack=1.5.33
sam_translator=1.115.0
compose=v2.40.3

tools=${DELFOS_CI_TOOLS:-${XDG_CACHE_HOME:-${HOME:?}/.cache}/delfos-ci}
export DELFOS_CI_TOOLS=$tools
export PATH=$tools/bin:$tools/sam/bin:$tools/aws/bin:$PATH
# A second DynamoDB, which the store's and the emulator's tests are held against.
export DELFOS_DYNOXIDE=$tools/dynoxide/node_modules/@dynoxide/linux-x64/dynoxide
# The tests of the template that is deployed skip without SAM's translator; not here.
export DELFOS_SAM=required
# What looks at the console's accessibility; .ci/browser.sh hands it on.
DELFOS_AXE=$tools/axe/node_modules/axe-core/axe.min.js
# Neither reports to its maker, nor looks for credentials that are not there.
export SAM_CLI_TELEMETRY=0 AWS_EC2_METADATA_DISABLED=true
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1}

# directories_with lists the packages, ./-prefixed, whose tests match a pattern.
directories_with() {
  git ls-files --cached --others --exclude-standard '*_test.go' |
    xargs -r grep -lE "$1" | xargs -r -n1 dirname | sort -u | sed 's|^|./|'
}
