//! Runs and the worker processes they happen in.
//!
//! A run ends in one of few ways, whatever the image.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-8001",
        title: "The unit was cancelled",
        meaning: "Somebody stopped the unit. The report says what had been changed.",
        cause: "Ctrl-C, or a program that cancelled.",
        remedy: "Erase the target before the next attempt if something had been changed.",
    },
    Entry {
        code: "IMP-8002",
        title: "The unit took longer than its recipe allows",
        meaning: "The time of the whole unit, from connect to end, is over.",
        cause: "A target that hangs, a slow clock, or a recipe with too little time.",
        remedy: "Raise `unit_time_ms` in the recipe, or find the call that takes long in the report's steps.",
    },
    Entry {
        code: "IMP-8003",
        title: "The image does not grant the right",
        meaning: "The script asked for something that the signed image does not list among its rights. The wire did not move.",
        cause: "A script whose need for a right the check could not see.",
        remedy: "Add the right to `rights` in the recipe, build and seal again.",
    },
    Entry {
        code: "IMP-8004",
        title: "A script wrote to what erases, programs or protects the chip, or to the core's debug registers",
        meaning: "The script's own write would go past the rights of the image, and was refused.",
        cause: "A script that drives the flash controller or the debug registers by itself.",
        remedy: "Use erase, program, set_option, protect, halt and go, which ask for their rights.",
    },
    Entry {
        code: "IMP-8010",
        title: "The worker process ended before its report",
        meaning: "The process that programs the unit crashed, ran out of memory, or had to be killed.",
        cause: "A mistake in a plugin, too little memory, or a probe that hangs.",
        remedy: "Look at the last lines that the message shows. Erase the target before the next attempt.",
    },
    Entry {
        code: "IMP-8011",
        title: "The worker process could not be started or spoken to",
        meaning: "The system did not start the process, or what it said is not what a worker says.",
        cause: "A program file that was replaced while it ran, limits of the system, or a plugin that prints.",
        remedy: "Check the installation and the system's limits for processes.",
    },
];
