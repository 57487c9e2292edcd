//! Transcripts and their replay.
//!
//! A transcript is a file that may come from anybody, so each way to be wrong has a code of its own.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-7140",
        title: "A transcript of an encrypted image is not encrypted",
        meaning: "A warning: each transfer is written down, and what is programmed goes over the wire in plain.",
        cause: "`--transcript` with an encrypted image.",
        remedy: "Keep the file as you keep the firmware, or run without it.",
    },
    Entry {
        code: "IMP-7150",
        title: "The transcript cannot be read",
        meaning: "The system refuses to read the transcript.",
        cause: "A wrong path or missing permission.",
        remedy: "Check the path; `imprint run --transcript FILE` writes a transcript.",
    },
    Entry {
        code: "IMP-7151",
        title: "The file is no transcript",
        meaning: "Its first line is not `imprint transcript 1`.",
        cause: "Another file, or a transcript of another version.",
        remedy: "Record again: `imprint run --transcript FILE`.",
    },
    Entry {
        code: "IMP-7152",
        title: "The transcript's header is damaged",
        meaning: "A line before the first transfer is none of a header, or the empty line after them is missing.",
        cause: "The file was edited or cut.",
        remedy: "Record again.",
    },
    Entry {
        code: "IMP-7153",
        title: "A line of the transcript is none",
        meaning: "A line does not read as what a transcript writes, letter by letter.",
        cause: "The file was edited.",
        remedy: "Record again; the message has the number of the line.",
    },
    Entry {
        code: "IMP-7154",
        title: "A line of the transcript is too long",
        meaning: "A line is longer than any that is written.",
        cause: "Another file was appended, or the line breaks were lost.",
        remedy: "Record again.",
    },
    Entry {
        code: "IMP-7155",
        title: "The transcript has no transfers",
        meaning: "The probe shows no debug port registers, so that what was recorded cannot be replayed.",
        cause: "An ST-Link, which speaks of memory and cores.",
        remedy: "Record on a twin, or on a CMSIS-DAP probe or J-Link.",
    },
    Entry {
        code: "IMP-7156",
        title: "The replay differs from the transcript",
        meaning: "The first line in which the twin answered, or the engine asked, something else; expected is what was recorded.",
        cause: "Another version of the engine, a plugin or a device file; a board in a file that is not as it was before the run; a chip that behaves otherwise than its twin.",
        remedy: "Compare the two at that line; the lines before it are the same.",
    },
    Entry {
        code: "IMP-7157",
        title: "The transcript is of another image",
        meaning: "The id of the image is not the one in the transcript's header.",
        cause: "The image was sealed again.",
        remedy: "Name the image that was run.",
    },
    Entry {
        code: "IMP-7158",
        title: "The transcript is of another chip",
        meaning: "The twin is of another device, or has another identifier than the one that was recorded.",
        cause: "Another device was named, or another board's file.",
        remedy: "Name the recorded device; keep a copy of a board's file from before the run.",
    },
    Entry {
        code: "IMP-7159",
        title: "The transcript breaks off",
        meaning: "It ends before its unit did. What is there was compared, and does not differ.",
        cause: "The run was killed, or the disk was full.",
        remedy: "Record again.",
    },
];
