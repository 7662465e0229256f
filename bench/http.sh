#!/usr/bin/env bash
# Remit over HTTP beside a bare axum server, in one run, both built as Remit is shipped. Arguments go to the driver: --rounds 5 --seconds 3 --data DIR …
set -euo pipefail
cd "$(dirname "$0")/.."
# WHY: apart, so that the product is not built with what the peers ask of shared dependencies.
cargo build --profile dist -p remit-cli
cargo build --profile dist -p remit-bench-http
target="${CARGO_TARGET_DIR:-target}/dist"
exec "$target/remit-bench-http" --remit "$target/remit" --axum "$target/remit-bench-axum" "$@"
