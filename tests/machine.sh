# shellcheck shell=bash
# What the machine can do that the tests run on. To be sourced; needs REPRISE in the environment.

# machine_has ABILITY: it is there and was not taken away.
machine_has() {
    "$REPRISE" check --machine | grep -q "^$1 *yes"
}
