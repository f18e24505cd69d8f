#!/usr/bin/env bash
# Installs the packages of an application as its lockfile says. Runs in a job without credentials.
set -euo pipefail

# A name as part of a line: one with a line break could begin a command of the runner's.
line() { printf '%s' "${1//[[:cntrl:]]/ }"; }

# Without links, so that the way up ends at the root of the repository wherever the runner keeps it.
cd -P -- "$GITHUB_WORKSPACE"
root=$PWD
if ! cd -P -- "$root/$DIRECTORY" 2>/dev/null || [[ $PWD/ != "$root"/* ]]; then
  echo "::error title=FL6023::The input directory is '$(line "$DIRECTORY")', which is not a directory in the repository. Write it relative to the root of the repository, such as apps/shop."
  exit 1
fi

# The nearest directory with a lockfile, from the application up to the repository's root: that of a workspace is above.
while [ ! -e package-lock.json ] && [ ! -e npm-shrinkwrap.json ] && [ ! -e pnpm-lock.yaml ] && [ ! -e yarn.lock ] &&
  [ ! -e bun.lock ] && [ ! -e bun.lockb ] && [ "$PWD" != "$root" ]; do
  cd ..
done

manager=$PACKAGE_MANAGER
if [ -z "$manager" ]; then
  if [ -e pnpm-lock.yaml ]; then manager=pnpm
  elif [ -e yarn.lock ]; then manager=yarn
  elif [ -e bun.lock ] || [ -e bun.lockb ]; then manager=bun
  elif [ -e package-lock.json ] || [ -e npm-shrinkwrap.json ]; then manager=npm
  else
    echo "::error title=FL6040::There is no lockfile in $(line "$DIRECTORY") or above it: what is built could not be built again. Run npm install (or pnpm, yarn, bun) and commit the lockfile."
    exit 1
  fi
fi
if [ "$manager" = pnpm ] || [ "$manager" = yarn ]; then
  # Corepack brings the version that package.json names.
  command -v corepack >/dev/null || npm install --global corepack@0.36.0
  corepack enable "$manager"
fi
echo "Installing with $(line "$manager") in $(line "$PWD")"
case $manager in
  npm) npm ci --no-audit --no-fund ;;
  pnpm) pnpm install --frozen-lockfile ;;
  yarn) if yarn --version | grep -q '^1\.'; then yarn install --frozen-lockfile; else yarn install --immutable; fi ;;
  bun) command -v bun >/dev/null || npm install --global bun@1.4.5; bun install --frozen-lockfile ;;
  *)
    echo "::error title=FL6041::There is no package manager ${manager//[^a-zA-Z0-9-]/}. Write npm, pnpm, yarn or bun under package-manager."
    exit 1
    ;;
esac
