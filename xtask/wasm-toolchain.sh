#!/usr/bin/env bash
# Makes a toolchain whose standard library for WebAssembly unwinds when a panic happens, on stable Rust. The one that
# Rust ships for wasm32-unknown-unknown aborts: there a panic of one request takes every other one in flight along.
# Run as often as you like. All is said on stderr; the one line on stdout is the rustup toolchain to use.
#
# The library is built once from source, as Rust's own release build does it but for size (profile `dist`, bitcode
# embedded, so that link-time optimisation works), into a sysroot of symlinks that rustup knows as
# `postern-wasm-unwind`. What it is built from and with comes by one of two routes:
#   rustup, most machines: the active toolchain and its component rust-src.
#   debian, where rustup cannot download: Debian's rustc-web, rust-web-src and lld.
#
# WASM_TOOLCHAIN=auto|rustup|debian   which route (auto: rustup, then debian)
# WASM_TOOLCHAIN_DIR                  where the sysroot is kept
set -euo pipefail
TARGET=wasm32-unknown-unknown
NAME=postern-wasm-unwind
ROUTE=${WASM_TOOLCHAIN:-auto}
DIR=${WASM_TOOLCHAIN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/postern/$NAME}

say() { echo "wasm-toolchain: $*" >&2; }
fail() { say "$*"; exit 1; }

# This runs beneath cargo, whose settings for xtask itself must not leak into the toolchain that is looked at here.
unset RUSTC RUSTDOC RUSTFLAGS CARGO CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET RUSTC_BOOTSTRAP
if [ "${RUSTUP_TOOLCHAIN:-}" = "$NAME" ]; then unset RUSTUP_TOOLCHAIN; fi

command -v rustup >/dev/null || fail "rustup is missing: install it from https://rustup.rs"
CARGO_BINARY=$(rustup which cargo)
RUSTUP_SYSROOT=$(rustc --print sysroot)
source_of() { echo "$1/lib/rustlib/src/rust/library"; }
has_source() { [ -f "$(source_of "$1")/sysroot/Cargo.toml" ]; }

if [ "$ROUTE" = auto ] && ! has_source "$RUSTUP_SYSROOT"; then
  # Where rustup failed once it would fail again, and take minutes over it.
  case "$(cat "$DIR/stamp" 2>/dev/null)" in debian*) ROUTE=debian ;; esac
fi
if [ "$ROUTE" != debian ] && ! has_source "$RUSTUP_SYSROOT"; then
  say "rustup component add rust-src"
  if ! rustup component add rust-src >&2 || ! has_source "$RUSTUP_SYSROOT"; then
    [ "$ROUTE" = auto ] || fail "rustup could not add rust-src; see its message above"
    command -v apt-get >/dev/null || fail "rustup could not add rust-src, and Debian's packages, the other way, are not to be had here"
    say "rustup could not add rust-src: taking Debian's packages"
    ROUTE=debian
  fi
fi

linker() { compgen -G '/usr/bin/lld-[0-9]*' | sort -V | tail -1; }
install_debian_packages() {
  local missing=() as_root=(env DEBIAN_FRONTEND=noninteractive)
  for package in rustc-web rust-web-src; do
    dpkg -s $package >/dev/null 2>&1 || missing+=($package)
  done
  [ -n "$(linker)" ] || missing+=(lld-22)
  [ ${#missing[@]} -gt 0 ] || return 0
  # Not a prompt for a password: this may run where nobody can answer one.
  [ "$(id -u)" = 0 ] || as_root=(sudo -n "${as_root[@]}")
  "${as_root[@]}" true 2>/dev/null || fail "root is needed once: sudo apt-get install ${missing[*]}"
  say "apt-get install ${missing[*]}"
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || fail "apt-get could not install ${missing[*]}"
}
if [ "$ROUTE" = debian ]; then
  install_debian_packages
  SYSROOT=/usr
  RUSTC_BINARY=/usr/bin/rustc
  RUSTDOC_BINARY=/usr/bin/rustdoc
  SOURCE_VERSION=$(dpkg-query -W -f '${Version}' rust-web-src)
else
  ROUTE=rustup
  SYSROOT=$RUSTUP_SYSROOT
  RUSTC_BINARY=$(rustup which rustc)
  RUSTDOC_BINARY=$(rustup which rustdoc)
  SOURCE_VERSION=component
fi
LIBRARY=$(readlink -f "$(source_of "$SYSROOT")")
[ -f "$LIBRARY/sysroot/Cargo.toml" ] || fail "no source of the standard library at $LIBRARY"
HOST=$("$RUSTC_BINARY" -vV | sed -n 's/^host: //p')
STAMP="$ROUTE | $("$RUSTC_BINARY" -vV) | $SOURCE_VERSION | $("$CARGO_BINARY" -V) | layout 3"

# Two lines of shell stand in for a symlink: Debian's rustc finds its sysroot by where its library lies, not its name.
wrapper() {
  printf '#!/bin/sh\n%s\n' "$2" > "$DIR/bin/$1.new"
  chmod 755 "$DIR/bin/$1.new"
  if cmp -s "$DIR/bin/$1.new" "$DIR/bin/$1"; then rm "$DIR/bin/$1.new"; else mv -f "$DIR/bin/$1.new" "$DIR/bin/$1"; fi
}
lay_out_sysroot() {
  mkdir -p "$DIR/bin" "$DIR/lib/rustlib/$HOST"
  ln -sfn "$CARGO_BINARY" "$DIR/bin/cargo"
  # cargo hashes what `-vV` prints: one more line makes it rebuild crates that were built with an older library.
  wrapper rustc "[ \"\$*\" = -vV ] && { '$RUSTC_BINARY' -vV; echo \"std: $(printf %s "$STAMP" | cksum | cut -d' ' -f1)\"; exit; }
exec '$RUSTC_BINARY' --sysroot '$DIR' \"\$@\""
  wrapper rustdoc "exec '$RUSTDOC_BINARY' --sysroot '$DIR' \"\$@\""
  ln -sfn "$SYSROOT/lib/rustlib/$HOST/lib" "$DIR/lib/rustlib/$HOST/lib"
  if [ "$ROUTE" = debian ]; then
    mkdir -p "$DIR/lib/rustlib/$HOST/bin"
    ln -sfn "$(linker)" "$DIR/lib/rustlib/$HOST/bin/rust-lld"
  else
    ln -sfn "$SYSROOT/lib/rustlib/$HOST/bin" "$DIR/lib/rustlib/$HOST/bin"
  fi
}

build_library() {
  local work=$1 vendored=()
  # A throw-away crate that depends on the library's own `sysroot` crate: the library's workspace does not resolve,
  # for Debian leaves the crates that only its tests need out of the vendor folder. rustup's source has no such folder.
  install -m 644 "$LIBRARY/Cargo.lock" "$work/Cargo.lock"
  if [ -d "$LIBRARY/vendor" ]; then
    vendored=(--offline --config 'source.crates-io.replace-with="vendored"' --config "source.vendored.directory=\"$LIBRARY/vendor\"")
  fi
  : > "$work/lib.rs"
  cat > "$work/Cargo.toml" <<MANIFEST
cargo-features = ["profile-rustflags"]
[package]
name = "std-for-wasm"
version = "0.0.0"
edition = "2021"
[lib]
path = "lib.rs"
[dependencies]
sysroot = { path = "$LIBRARY/sysroot", default-features = false, features = ["panic-unwind", "backtrace", "optimize_for_size"] }
[patch.crates-io]
rustc-std-workspace-core = { path = "$LIBRARY/rustc-std-workspace-core" }
rustc-std-workspace-alloc = { path = "$LIBRARY/rustc-std-workspace-alloc" }
rustc-std-workspace-std = { path = "$LIBRARY/rustc-std-workspace-std" }
[profile.dist]
inherits = "release"
opt-level = "s"
codegen-units = 1
[profile.dist.package.compiler_builtins]
codegen-units = 10000
[profile.dist.package.panic_abort]
rustflags = ["-Cpanic=abort", "-Cembed-bitcode=yes", "-Zforce-unstable-if-unmarked"]
MANIFEST
  ( cd "$work"
    export RUSTC="$DIR/bin/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" __CARGO_DEFAULT_LIB_METADATA=$NAME-std
    export RUSTFLAGS="-Zforce-unstable-if-unmarked -Aunexpected_cfgs -Cembed-bitcode=yes -Cpanic=unwind --remap-path-prefix=$LIBRARY=/rustc/library"
    "$CARGO_BINARY" build -q --profile dist --target $TARGET -p sysroot ${vendored[@]+"${vendored[@]}"} >&2 )
  mkdir -p "$DIR/lib/rustlib/$TARGET/lib"
  cp "$work/target/$TARGET"/dist/deps/lib*.rlib "$DIR/lib/rustlib/$TARGET/lib/"
  rm -f "$DIR/lib/rustlib/$TARGET/lib/"libsysroot-*
  # Proof before the stamp: a program that links with link-time optimisation.
  echo 'fn main() { std::process::exit(std::env::args().count() as i32) }' > "$work/proof.rs"
  ( cd "$work" && "$DIR/bin/rustc" --target $TARGET -O -Clto=fat -Cpanic=unwind -o proof.wasm proof.rs ) >&2
}

if [ "$(cat "$DIR/stamp" 2>/dev/null)" = "$STAMP" ]; then
  lay_out_sysroot
else
  say "building the standard library for $TARGET, once: about a minute"
  rm -rf "$DIR"
  lay_out_sysroot
  WORK=$(mktemp -d)
  trap 'rm -rf "$WORK"' EXIT
  build_library "$WORK"
  printf '%s' "$STAMP" > "$DIR/stamp"
fi
if [ "$(rustup run $NAME rustc --print sysroot 2>/dev/null)" != "$DIR" ]; then
  rustup toolchain uninstall $NAME >/dev/null 2>&1 || true
  rustup toolchain link $NAME "$DIR" >&2
fi
echo $NAME
