#!/bin/sh
exec "$(dirname -- "$0")/../scripts/check.sh" "$@"
