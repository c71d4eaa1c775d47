#!/usr/bin/env bash
# Makes plain `cargo build --target wasm32-unknown-unknown` work, on stable Rust, without -Z flags.
# Run as often as you like. All is said on stderr; the one line on stdout is the rustup toolchain to use.
#
# Route 1, most machines: the active toolchain has the target, or `rustup target add` gets it.
# Route 2, where rustup cannot download: Debian's rustc-web, rust-web-src and lld. The target's standard library
#   is built once from source, as Rust's own release build does it (profile `dist`, bitcode embedded, so that
#   link-time optimisation works), into a sysroot of symlinks that rustup knows as `postern-wasm`.
#
# WASM_TOOLCHAIN=auto|rustup|debian   which route (auto: 1, then 2)
# WASM_TOOLCHAIN_DIR                  where route 2 keeps its sysroot
# WASM_TOOLCHAIN_PANIC=abort|unwind   route 2: how the standard library panics; `unwind` makes a second toolchain,
#                                     `postern-wasm-unwind`, beside the first
set -euo pipefail
TARGET=wasm32-unknown-unknown
NAME=postern-wasm
ROUTE=${WASM_TOOLCHAIN:-auto}
PANIC=${WASM_TOOLCHAIN_PANIC:-abort}
if [ "$PANIC" = unwind ]; then NAME=$NAME-unwind; ROUTE=debian; fi
DIR=${WASM_TOOLCHAIN_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/postern/$NAME}

say() { echo "wasm-toolchain: $*" >&2; }
fail() { say "$*"; exit 1; }

# This runs beneath cargo, whose settings for xtask itself must not leak into the toolchain that is looked at here.
unset RUSTC RUSTDOC RUSTFLAGS CARGO CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET RUSTC_BOOTSTRAP
if [ "${RUSTUP_TOOLCHAIN:-}" = "$NAME" ]; then unset RUSTUP_TOOLCHAIN; fi

command -v rustup >/dev/null || fail "rustup is missing: install it from https://rustup.rs"
active() { rustup show active-toolchain 2>/dev/null | cut -d' ' -f1; }
has_target() {
  local libraries
  libraries=$(rustc --print target-libdir --target $TARGET 2>/dev/null) || return 1
  compgen -G "$libraries/libstd-*.rlib" >/dev/null
}

if [ "$ROUTE" != debian ] && has_target; then active; exit 0; fi
# Where rustup failed once it would fail again, and take minutes over it.
if [ "$ROUTE" = auto ] && [ -f "$DIR/stamp" ]; then ROUTE=debian; fi
if [ "$ROUTE" != debian ]; then
  say "rustup target add $TARGET"
  if timeout 300 rustup target add $TARGET >&2 && has_target; then active; exit 0; fi
  [ "$ROUTE" = auto ] || fail "rustup could not add $TARGET; see its message above"
  command -v apt-get >/dev/null || fail "rustup could not add $TARGET, and Debian's packages, the other way, are not to be had here"
  say "rustup could not add $TARGET: taking Debian's packages"
fi

case $(uname -m) in
  x86_64) HOST=x86_64-unknown-linux-gnu ;;
  aarch64) HOST=aarch64-unknown-linux-gnu ;;
  *) fail "Debian's packages are only known to work on x86_64 and aarch64, not on $(uname -m)" ;;
esac

linker() { compgen -G '/usr/bin/lld-[0-9]*' | sort -V | tail -1; }
missing=()
for package in rustc-web rust-web-src; do
  dpkg -s $package >/dev/null 2>&1 || missing+=($package)
done
[ -n "$(linker)" ] || missing+=(lld-22)
if [ ${#missing[@]} -gt 0 ]; then
  as_root=(env DEBIAN_FRONTEND=noninteractive)
  # Not a prompt for a password: this may run where nobody can answer one.
  [ "$(id -u)" = 0 ] || as_root=(sudo -n "${as_root[@]}")
  "${as_root[@]}" true 2>/dev/null || fail "root is needed once: sudo apt-get install ${missing[*]}"
  say "apt-get install ${missing[*]}"
  "${as_root[@]}" apt-get update -q >&2
  "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >&2 || fail "apt-get could not install ${missing[*]}"
fi

LIBRARY=$(readlink -f /usr/lib/rustlib/src/rust)/library
[ -f "$LIBRARY/sysroot/Cargo.toml" ] || fail "no source of the standard library at $LIBRARY"
CARGO_BINARY=$(rustup which cargo)
STAMP="$(/usr/bin/rustc -vV) | $(dpkg-query -W -f '${Version}' rust-web-src) | $("$CARGO_BINARY" -V) | $PANIC | layout 1"

# Two lines of shell stand in for a symlink: Debian's rustc finds its sysroot by where its library lies, not its name.
wrapper() {
  printf '#!/bin/sh\n%s\n' "$2" > "$DIR/bin/$1.new"
  chmod 755 "$DIR/bin/$1.new"
  if cmp -s "$DIR/bin/$1.new" "$DIR/bin/$1"; then rm "$DIR/bin/$1.new"; else mv -f "$DIR/bin/$1.new" "$DIR/bin/$1"; fi
}
lay_out_sysroot() {
  mkdir -p "$DIR/bin" "$DIR/lib/rustlib/$HOST/bin"
  ln -sfn "$CARGO_BINARY" "$DIR/bin/cargo"
  # cargo hashes what `-vV` prints: one more line makes it rebuild crates that were built with an older library.
  wrapper rustc "[ \"\$*\" = -vV ] && { /usr/bin/rustc -vV; echo \"std: $(printf %s "$STAMP" | sha256sum | cut -c1-16)\"; exit; }
exec /usr/bin/rustc --sysroot '$DIR' \"\$@\""
  wrapper rustdoc "exec /usr/bin/rustdoc --sysroot '$DIR' \"\$@\""
  ln -sfn /usr/lib/rustlib/$HOST/lib "$DIR/lib/rustlib/$HOST/lib"
  ln -sfn "$(linker)" "$DIR/lib/rustlib/$HOST/bin/rust-lld"
}

build_library() {
  local work=$1
  # A throw-away crate that depends on the library's own `sysroot` crate: the library's workspace does not resolve,
  # for Debian leaves the crates that only its tests need out of the vendor folder.
  install -m 644 "$LIBRARY/Cargo.lock" "$work/Cargo.lock"
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
sysroot = { path = "$LIBRARY/sysroot", default-features = false, features = ["panic-unwind", "backtrace"] }
[patch.crates-io]
rustc-std-workspace-core = { path = "$LIBRARY/rustc-std-workspace-core" }
rustc-std-workspace-alloc = { path = "$LIBRARY/rustc-std-workspace-alloc" }
rustc-std-workspace-std = { path = "$LIBRARY/rustc-std-workspace-std" }
[profile.dist]
inherits = "release"
codegen-units = 1
[profile.dist.package.compiler_builtins]
codegen-units = 10000
[profile.dist.package.panic_abort]
rustflags = ["-Cpanic=abort", "-Cembed-bitcode=yes", "-Zforce-unstable-if-unmarked"]
MANIFEST
  ( cd "$work"
    export RUSTC="$DIR/bin/rustc" RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$work/target" __CARGO_DEFAULT_LIB_METADATA=$NAME-std
    export RUSTFLAGS="-Zforce-unstable-if-unmarked -Aunexpected_cfgs -Cembed-bitcode=yes -Cpanic=$PANIC --remap-path-prefix=$LIBRARY=/rustc/library"
    "$CARGO_BINARY" build -q --offline --profile dist --target $TARGET -p sysroot \
      --config 'source.crates-io.replace-with="vendored"' --config "source.vendored.directory=\"$LIBRARY/vendor\"" >&2 )
  mkdir -p "$DIR/lib/rustlib/$TARGET/lib"
  cp "$work/target/$TARGET"/dist/deps/lib*.rlib "$DIR/lib/rustlib/$TARGET/lib/"
  rm -f "$DIR/lib/rustlib/$TARGET/lib/"libsysroot-*
  # Proof before the stamp: a program that links with link-time optimisation.
  echo 'fn main() { std::process::exit(std::env::args().count() as i32) }' > "$work/proof.rs"
  ( cd "$work" && "$DIR/bin/rustc" --target $TARGET -O -Clto=fat -Cpanic=$PANIC -o proof.wasm proof.rs ) >&2
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
