#!/usr/bin/env bash
# Installs the command line tools of the multi-cloud guide, each in a pinned version and only if its SHA-256 is the expected one
# (scripts/tools.lock). Nothing that was downloaded is run, or read by a shell. Everything is fetched and checked before anything is
# installed: when one tool is wrong, none is installed. docs/deployment.md, "Command line tools".
set -euo pipefail

readonly TOOLS="kubectl helm eksctl gcloud kubectx kubens"
# Archived by their projects; only with --legacy.
readonly LEGACY_TOOLS="kubefedctl"

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
lock="$here/tools.lock"
prefix="${HOME:-}/.local"
dry_run=false
legacy=false
record=false
tools=""

usage() {
  cat <<'TEXT'
usage: install-multicloud-tools.sh [--dry-run] [--tool NAME]… [--prefix DIR] [--legacy] [--record] [--lock FILE]

  --dry-run      say what would be fetched, checked and installed; fetch nothing, change nothing
  --tool NAME    only this one; may be repeated. kubectl helm eksctl gcloud kubectx kubens az
  --prefix DIR   programs go to DIR/bin (default: ~/.local)
  --legacy       also tools that their projects have given up: kubefedctl
  --record       for a tool whose hash the lock file does not know: take the one that its publisher gives, check the file
                 against it, and write it into the lock file. Look at what it wrote, and commit it.
  --lock FILE    versions and hashes (default: tools.lock beside this script)
TEXT
}

fail() {
  echo "install-multicloud-tools: $*" >&2
  exit 1
}

wrong_usage() {
  echo "install-multicloud-tools: $*" >&2
  usage >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case "$1" in
    --dry-run) dry_run=true ;;
    --legacy) legacy=true ;;
    --record) record=true ;;
    --tool | --prefix | --lock)
      [ $# -ge 2 ] || wrong_usage "$1 needs a value"
      case "$1" in
        --tool) tools="$tools $2" ;;
        --prefix) prefix=$2 ;;
        --lock) lock=$2 ;;
      esac
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) wrong_usage "unknown argument: $1" ;;
  esac
  shift
done

case "$(uname -s)" in
  Linux) os=linux ;;
  Darwin) os=darwin ;;
  *) fail "only Linux and macOS; on Windows use winget" ;;
esac
case "$(uname -m)" in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) fail "no builds for the processor $(uname -m)" ;;
esac
[ -n "$prefix" ] && [ "$prefix" != "/.local" ] || fail "HOME is not set; give --prefix"
[ -r "$lock" ] || fail "$lock cannot be read"

contains() { # word list
  case " $2 " in *" $1 "*) true ;; *) false ;; esac
}

if [ -z "$tools" ]; then
  tools="$TOOLS az"
  if $legacy; then tools="$tools $LEGACY_TOOLS"; fi
fi
for tool in $tools; do
  if contains "$tool" "$LEGACY_TOOLS" && ! $legacy; then
    fail "$tool is no longer developed: its repository is archived. Use GenOps' own federation; --legacy installs it all the same"
  fi
  contains "$tool" "$TOOLS $LEGACY_TOOLS az" || wrong_usage "unknown tool: $tool"
done

# Sets version and expected, from the lock file.
look_up() { # tool
  local line
  line=$(awk -v tool="$1" -v place="$os-$arch" '$1 == tool && $3 == place' "$lock")
  [ -n "$line" ] || fail "$lock has no line for $1 on $os-$arch"
  [ "$(printf '%s\n' "$line" | wc -l)" -eq 1 ] || fail "$lock has more than one line for $1 on $os-$arch"
  version=$(printf '%s' "$line" | awk '{ print $2 }')
  expected=$(printf '%s' "$line" | awk '{ print $4 }')
  case "$version" in *[!0-9.]* | "") fail "$lock: $1 has no exact version" ;; esac
  case "$expected" in
    -) ;;
    *[!0-9a-f]*) fail "$lock: the hash of $1 is none" ;;
    *) [ ${#expected} -eq 64 ] || fail "$lock: the hash of $1 is none" ;;
  esac
}

# Sets url, published (where the publisher gives the hash; empty: nowhere that a program could read), and inside (path in the archive).
describe() { # tool
  local github=https://github.com
  case "$1" in
    kubectl)
      url="https://dl.k8s.io/release/v$version/bin/$os/$arch/kubectl"
      published="$url.sha256"
      inside=""
      ;;
    helm)
      url="https://get.helm.sh/helm-v$version-$os-$arch.tar.gz"
      published="$url.sha256sum"
      inside="$os-$arch/helm"
      ;;
    eksctl)
      local system=Linux
      if [ "$os" = darwin ]; then system=Darwin; fi
      url="$github/eksctl-io/eksctl/releases/download/v$version/eksctl_${system}_$arch.tar.gz"
      published="$github/eksctl-io/eksctl/releases/download/v$version/eksctl_checksums.txt"
      inside=eksctl
      ;;
    gcloud)
      local processor=x86_64
      if [ "$arch" = arm64 ]; then processor=arm; fi
      url="https://dl.google.com/dl/cloudsdk/channels/rapid/downloads/google-cloud-cli-$version-$os-$processor.tar.gz"
      published=""
      inside=google-cloud-sdk
      ;;
    kubectx | kubens)
      local machine=x86_64
      if [ "$arch" = arm64 ]; then machine=arm64; fi
      url="$github/ahmetb/kubectx/releases/download/v$version/$1_v${version}_${os}_$machine.tar.gz"
      published="$github/ahmetb/kubectx/releases/download/v$version/checksums.txt"
      inside=$1
      ;;
    kubefedctl)
      url="$github/kubernetes-retired/kubefed/releases/download/v$version/kubefedctl-$version-$os-$arch.tgz"
      published="$url.sha256"
      inside=kubefedctl
      ;;
  esac
}

# For tests and closed networks: https://HOST/PATH is fetched as MIRROR/HOST/PATH.
mirrored() { # url
  local mirror=${GENOPS_TOOLS_MIRROR:-}
  if [ -z "$mirror" ]; then
    printf '%s' "$1"
    return
  fi
  case "$mirror" in
    https://* | http://127.0.0.1:* | http://localhost:*) printf '%s/%s' "${mirror%/}" "${1#https://}" ;;
    *) fail "GENOPS_TOOLS_MIRROR has to begin with https://" ;;
  esac
}

fetch() { # url file
  local from protocols="=https"
  from=$(mirrored "$1")
  case "$from" in http://*) protocols="=http" ;; esac
  curl --proto "$protocols" --proto-redir "$protocols" --tlsv1.2 --fail --silent --show-error --location \
    --retry 3 --connect-timeout 20 --max-time 1800 --output "$2" "$from" || fail "cannot fetch $from"
}

sha256_of() { # file
  if command -v sha256sum >/dev/null; then sha256sum "$1" | cut -d ' ' -f 1; else shasum -a 256 "$1" | cut -d ' ' -f 1; fi
}

# The hash that a publisher gives for a file: alone in its file, or in a list of "hash  name".
published_hash() { # file name
  awk -v name="$2" '
    NF == 1 && NR == 1 { only = $1 }
    NF >= 2 { file = $2; sub(/^\*/, "", file); sub(/^.*\//, "", file); if (file == name) { print $1; found = 1; exit } }
    END { if (!found && only != "") print only }
  ' "$1"
}

explain_az() {
  cat <<'TEXT'
az           not installed by this script: Microsoft publishes no archive with a hash. Its packages are signed; on Debian and Ubuntu:
               fetch https://packages.microsoft.com/keys/microsoft.asc, compare its fingerprint with Microsoft's page,
               put it into /etc/apt/keyrings, add the repository https://packages.microsoft.com/repos/azure-cli with signed-by,
               apt-get install azure-cli=VERSION. On macOS: brew install azure-cli.
TEXT
}

if $dry_run; then
  echo "System: $os-$arch. Programs would go to $prefix/bin. Nothing is fetched or changed."
  for tool in $tools; do
    if [ "$tool" = az ]; then
      explain_az
      continue
    fi
    look_up "$tool"
    describe "$tool"
    echo "$tool $version"
    echo "  fetch    $url"
    if [ "$expected" != - ]; then
      echo "  verify   sha256 $expected"
    elif $record && [ -n "$published" ]; then
      echo "  verify   sha256 from $published, which would be written into $lock"
    else
      echo "  REFUSED  $lock knows no sha256 for it"
    fi
    if [ "$tool" = gcloud ]; then
      echo "  install  $prefix/lib/google-cloud-sdk, linked from $prefix/bin/gcloud"
    else
      echo "  install  $prefix/bin/$tool"
    fi
  done
  exit 0
fi

for program in curl tar awk install; do
  command -v "$program" >/dev/null || fail "$program is missing"
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# 1. Fetch and check.
checked=""
for tool in $tools; do
  if [ "$tool" = az ]; then
    explain_az
    continue
  fi
  look_up "$tool"
  describe "$tool"
  mkdir "$work/$tool"
  file="$work/$tool/$(basename "$url")"
  if [ "$expected" = - ]; then
    $record || fail "$lock knows no sha256 for $tool $version on $os-$arch: give --record to take the publisher's, or enter it"
    [ -n "$published" ] || fail "the publisher of $tool gives no hash that a program could read: look it up, and enter it into $lock"
    fetch "$published" "$work/$tool/published"
    expected=$(published_hash "$work/$tool/published" "$(basename "$url")")
    case "$expected" in *[!0-9a-f]* | "") fail "$published gives no sha256 for $(basename "$url")" ;; esac
    [ ${#expected} -eq 64 ] || fail "$published gives no sha256 for $(basename "$url")"
    printf '%s %s %s\n' "$tool" "$version" "$expected" >>"$work/recorded"
  fi
  fetch "$url" "$file"
  actual=$(sha256_of "$file")
  [ "$actual" = "$expected" ] || fail "$tool: what $url gave has the sha256 $actual, not $expected; nothing was installed"
  echo "$tool $version: sha256 is right"
  if [ -n "$inside" ]; then
    tar -xz --no-same-owner -f "$file" -C "$work/$tool" "$inside" || fail "$tool: its archive does not hold $inside"
  fi
  checked="$checked $tool"
done

# 2. Install. Each program appears at once, whole.
mkdir -p "$prefix/bin"
for tool in $checked; do
  look_up "$tool"
  describe "$tool"
  if [ "$tool" = gcloud ]; then
    mkdir -p "$prefix/lib"
    rm -rf "$prefix/lib/google-cloud-sdk.new"
    mv "$work/gcloud/google-cloud-sdk" "$prefix/lib/google-cloud-sdk.new"
    rm -rf "$prefix/lib/google-cloud-sdk"
    mv "$prefix/lib/google-cloud-sdk.new" "$prefix/lib/google-cloud-sdk"
    ln -sf ../lib/google-cloud-sdk/bin/gcloud "$prefix/bin/gcloud"
  else
    install -m 0755 "$work/$tool/${inside:-$(basename "$url")}" "$prefix/bin/.$tool.new"
    mv -f "$prefix/bin/.$tool.new" "$prefix/bin/$tool"
  fi
  echo "$tool $version: $prefix/bin/$tool"
done

if [ -f "$work/recorded" ]; then
  while read -r tool version hash; do
    awk -v tool="$tool" -v version="$version" -v place="$os-$arch" -v hash="$hash" \
      '$1 == tool && $2 == version && $3 == place && $4 == "-" { sub(/-$/, hash) } { print }' "$lock" >"$work/lock"
    cat "$work/lock" >"$lock"
    echo "$lock: wrote down $tool $version for $os-$arch; look at it, and commit it"
  done <"$work/recorded"
fi

case ":${PATH:-}:" in
  *":$prefix/bin:"*) ;;
  *) echo "Add $prefix/bin to PATH." ;;
esac
