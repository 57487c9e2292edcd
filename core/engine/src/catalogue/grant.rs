//! Grants: which station may open an encrypted image.
//!
//! A grant is refused alone; the image and the other grants stay as they are.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2200",
        title: "The image is encrypted and no station key was given",
        meaning: "The content can be opened with the secret key of a station, and there is none.",
        cause: "`--station-key` was left out.",
        remedy: "Give this station's secret key: `--station-key FILE`.",
    },
    Entry {
        code: "IMP-2201",
        title: "The image is for other stations",
        meaning: "None of the grants, in the image and beside it, is for this station's key.",
        cause: "The image was not sealed to this station, or the station's key was made anew.",
        remedy: "Ask the owner for a grant to this station's public key.",
    },
    Entry {
        code: "IMP-2202",
        title: "The grant for this station is damaged, over, or of somebody who may not give one",
        meaning: "There is a grant for this station, and it is refused alone; those of other stations are not touched by it.",
        cause: "A damaged file, a grant whose time is over, or an issuer who is neither trusted, nor signed the image, nor is its distributor.",
        remedy: "Ask the owner for a new grant to this station.",
    },
    Entry {
        code: "IMP-2203",
        title: "The file of grants cannot be read",
        meaning: "The file beside the image is not whole grant records, one after the other.",
        cause: "A transfer that broke off, or another file of that name.",
        remedy: "Copy the file of grants again, or remove it if the image has its own.",
    },
    Entry {
        code: "IMP-2204",
        title: "The owner's grant permits no run",
        meaning: "The image was opened by the grant of its owner, which is there to look into it and to grant it to stations.",
        cause: "The owner's key was given as the key of the station that runs the image.",
        remedy: "Grant the image to the station: `imprint grant`.",
    },
];
