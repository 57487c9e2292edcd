//! Boards of QEMU.
//!
//! What the chip in QEMU answers has the codes of a target; these are about QEMU itself.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-7130",
        title: "QEMU cannot be started",
        meaning: "The program `qemu-system-arm` is not there, or the system does not run it.",
        cause: "The package is not installed, or its folder is not in the search path.",
        remedy: "`apt-get install --no-install-recommends qemu-system-arm`.",
    },
    Entry {
        code: "IMP-7131",
        title: "The version of QEMU is too old",
        meaning: "`qemu-system-arm --version` answers with a version that the boards do not work with, or with no version.",
        cause: "An old distribution, or another program of that name.",
        remedy: "Install version 7.2 or newer.",
    },
    Entry {
        code: "IMP-7132",
        title: "QEMU ended in the middle",
        meaning: "The process ended before the unit did; what was found has what the unit met then. The board is gone with it.",
        cause: "The core in QEMU locked up, which ends QEMU; the system ran out of memory; or somebody killed it.",
        remedy: "Look at the last line QEMU wrote, which is in the message, and at the code that ran on the chip.",
    },
    Entry {
        code: "IMP-7133",
        title: "QEMU does not answer",
        meaning: "The process runs, and did not answer in time.",
        cause: "A machine under heavy load, or a stopped process.",
        remedy: "Try again on a machine that is less busy.",
    },
    Entry {
        code: "IMP-7134",
        title: "QEMU answers something else",
        meaning: "An answer of QEMU's debugger or test protocol is none that is known.",
        cause: "A version of QEMU in which they have changed.",
        remedy: "Use the version of Debian 12, 7.2.",
    },
    Entry {
        code: "IMP-7135",
        title: "There is no such board of QEMU",
        meaning: "The name after `--on qemu:` is none of the machines that are wrapped.",
        cause: "A typing error, or a machine of QEMU without a model of its flash controller.",
        remedy: "Write `--on qemu:microbit`.",
    },
];
