#!/usr/bin/env bash
# Installs what liveshop needs, and nothing that is there already. Used by the Makefile and by the Dockerfile.
#   ./install.sh run     a virtual environment in .venv/, the locked packages, a redis-server program
#   ./install.sh test    that, and what the tests need: Chromium, PostgreSQL, Caddy, Node, ffprobe, iproute2, nftables, coturn,
#                        a C compiler, a Chinese font, and the WebRTC clients of others: Firefox, GStreamer, packages for Node
# System packages are installed when the rights are there (root, or sudo without a password); otherwise one
# sentence names the packages and the command. A Redis installed here is not left running as a service.
set -euo pipefail
cd "$(dirname "$0")"
what="${1:-run}"
export DEBIAN_FRONTEND=noninteractive

say() { printf 'install: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
  has apt-get && { [ "$(id -u)" = 0 ] || { has sudo && sudo -n true 2>/dev/null; }; }
}

# Programs that packages would start as services are kept from starting while we install.
without_services() {
  local policy=/usr/sbin/policy-rc.d made=0
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod 755 "$policy"
    made=1
  fi
  local status=0
  "$@" || status=$?
  if [ "$made" = 1 ]; then as_root rm -f "$policy"; fi
  return "$status"
}

install_packages() {
  [ "$#" -gt 0 ] || return 0
  may_install || die "missing here: $*; install with: sudo apt-get install $*"
  say "installing $*"
  as_root apt-get update -qq
  without_services as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  # Debian enables a service for the next start of the machine; what we brought is ours alone.
  if has systemctl; then
    for package in "$@"; do
      case "$package" in
        redis-server | caddy | postgresql | coturn) as_root systemctl disable --quiet "$package" 2>/dev/null || true ;;
      esac
    done
  fi
}

new_enough_python() {
  "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  for candidate in "${PYTHON:-}" python3.11 python3.12 python3.13 python3 python3.14; do
    if [ -n "$candidate" ] && has "$candidate" && new_enough_python "$candidate"; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

# Version 7 or newer counts; liveshop itself looks for the right one in the same way.
has_redis() {
  [ -n "${REDIS_URL:-}" ] && return 0
  local program
  for program in "${LIVESHOP_REDIS_SERVER:-}" $(type -ap redis-server valkey-server 2>/dev/null) \
    /usr/bin/redis-server /usr/local/bin/redis-server; do
    if [ -x "$program" ] && "$program" --version 2>/dev/null | grep -qE ' v=([7-9]|[1-9][0-9])\.'; then
      return 0
    fi
  done
  return 1
}

has_postgresql() {
  has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1
}

# For the preload library of benchmarks/chaos_sale.
has_compiler() {
  has cc || has gcc || has clang
}

has_chromium() {
  has chromium || has chromium-browser || has google-chrome || ls "$HOME"/.cache/ms-playwright/chromium-* >/dev/null 2>&1
}

has_chinese_font() {
  has fc-list && fc-list ':lang=zh' 2>/dev/null | grep -q .
}

# What a publisher by webrtcbin needs, for the system's own Python.
has_gstreamer() {
  /usr/bin/python3 - <<'PYTHON' 2>/dev/null
import gi
gi.require_version("GstWebRTC", "1.0")
from gi.repository import Gst, GstWebRTC
Gst.init(None)
elements = ("webrtcbin", "nicesrc", "dtlsenc", "srtpenc", "vp8enc", "openh264enc", "opusenc", "rtpvp8pay")
raise SystemExit(not all(map(Gst.ElementFactory.find, elements)))
PYTHON
}

system_packages() {
  wanted=()
  find_python >/dev/null || wanted+=(python3 python3-venv)
  has_redis || wanted+=(redis-server)
  if [ "$what" = test ]; then
    has git || wanted+=(git)
    has node || wanted+=(nodejs)
    has npm || wanted+=(npm)
    has_compiler || wanted+=(gcc libc6-dev)
    has caddy || wanted+=(caddy)
    has ffprobe || wanted+=(ffmpeg)
    has ip || wanted+=(iproute2)
    has nft || wanted+=(nftables)
    has turnserver || wanted+=(coturn)
    has firefox-esr || { may_install && wanted+=(firefox-esr); }
    has_gstreamer || wanted+=(python3-gi gir1.2-gst-plugins-bad-1.0 gstreamer1.0-nice
      gstreamer1.0-plugins-good gstreamer1.0-plugins-bad)
    has_postgresql || wanted+=(postgresql)
    has_chromium || { may_install && wanted+=(chromium); }
    has_chinese_font || wanted+=(fontconfig fonts-noto-cjk)
  fi
  install_packages "${wanted[@]}"
}

python_packages() {
  local list="requirements/$what.txt" stamp=".venv/.installed"
  local sum
  sum="$(cat requirements/run.txt "$list" | sha256sum | cut -d' ' -f1)"
  if [ ! -x .venv/bin/python ] || ! .venv/bin/python -c '' 2>/dev/null; then
    local python
    python="$(find_python)" || die "Python 3.11 or newer with venv is missing; install with: sudo apt-get install python3 python3-venv"
    say "making .venv with $python"
    rm -rf .venv
    "$python" -m venv .venv
  fi
  # What the tests need contains what running needs.
  if grep -qsx "$what $sum" "$stamp"; then return 0; fi
  say "installing the packages of $list"
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$list"
  printf '%s %s\n' "$what" "$sum" >>"$stamp"
}

test_extras() {
  if ! has_chromium; then
    say "installing Chromium through Playwright"
    .venv/bin/python -m playwright install chromium
  fi
  local stamp=node_modules/.installed sum
  sum="$(sha256sum package-lock.json | cut -d' ' -f1)"
  if ! grep -qsx "$sum" "$stamp"; then
    say "installing the checker for JavaScript and the clients of the interoperability tests"
    npm ci --silent --no-audit --no-fund
    printf '%s\n' "$sum" >"$stamp"
  fi
}

case "$what" in
  run) system_packages; python_packages ;;
  test) system_packages; python_packages; test_extras ;;
  *) die "usage: ./install.sh run|test" ;;
esac
