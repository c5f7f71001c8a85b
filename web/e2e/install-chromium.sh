#!/usr/bin/env bash
# Installs Debian's Chromium and a font, where that can be done without a password.
set -euo pipefail
command -v apt-get >/dev/null || exit 1
sudo=()
if [ "$(id -u)" -ne 0 ]; then sudo=(sudo -n); fi
echo "Installing Chromium"
"${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
DEBIAN_FRONTEND=noninteractive "${sudo[@]}" apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null
