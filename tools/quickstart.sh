#!/bin/sh
exec "$(dirname -- "$0")/../scripts/quickstart.sh" "$@"
