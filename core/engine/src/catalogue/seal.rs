//! Sealing: what no image can be made of.
//!
//! A half image is never left.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2150",
        title: "The required family is not the device's",
        meaning: "The family that the image shall require is not the one of the object's device.",
        cause: "A program that embeds the engine names another family than the device data.",
        remedy: "Require the family of the device.",
    },
    Entry {
        code: "IMP-2151",
        title: "No signing key, too many, or one twice",
        meaning: "An image takes one to eight signers, each once.",
        cause: "The same key was given twice under two names.",
        remedy: "Give each signing key once.",
    },
    Entry {
        code: "IMP-2152",
        title: "Too many stations, or one twice",
        meaning: "An image takes each station once, up to a limit.",
        cause: "The same public key was given twice under two names.",
        remedy: "Give each station's public key once. More stations get a file of grants beside the image.",
    },
    Entry {
        code: "IMP-2153",
        title: "A station's public key cannot be used",
        meaning: "The key encrypts nothing: it is a point of small order.",
        cause: "A key that no station made.",
        remedy: "Ask the station for its public key again.",
    },
    Entry {
        code: "IMP-2154",
        title: "A part is larger than is sealed",
        meaning: "The object or the manifest is longer than an image may have.",
        cause: "Payloads that are too large together.",
        remedy: "Make the payloads smaller, or several images of them.",
    },
    Entry {
        code: "IMP-2155",
        title: "The image is not encrypted, so there is nothing to grant",
        meaning: "Everybody can read a plain image, and no grant is needed.",
        cause: "The image was sealed without `--to`.",
        remedy: "Seal it for a station: `imprint seal .. --to STATION.pub`.",
    },
    Entry {
        code: "IMP-2156",
        title: "The image cannot be written",
        meaning: "The system refused a write while the image was sealed. No half image is left.",
        cause: "A full disk, or a folder that may not be written.",
        remedy: "Check the folder and the free space of the disk.",
    },
];
