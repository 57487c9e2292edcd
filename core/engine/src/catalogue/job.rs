//! Jobs and restrictions: what an image may be used for, and who else must agree.
//!
//! Nothing is opened that the cloud has not agreed to.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-2120",
        title: "The image is a Job and no share was given",
        meaning: "A Job opens with a station's grant and the cloud's share together, and the share is missing.",
        cause: "The cloud has not agreed yet: it gives its share with the first permit.",
        remedy: "Connect the station to the cloud of the Job's virtual factory, or give the share that was written at sealing.",
    },
    Entry {
        code: "IMP-2121",
        title: "The share is of another image",
        meaning: "The share names another image or deployment than this one.",
        cause: "The share of an earlier revision of the Job, or of another Job.",
        remedy: "Give the share that was written when this very image was sealed.",
    },
    Entry {
        code: "IMP-2122",
        title: "The share and the grant do not give the key of the image",
        meaning: "The key that both halves give is not the one that the manifest commits to.",
        cause: "A share that was changed, or a grant whose issuer put another secret in it.",
        remedy: "Compare the share with the one that was written at sealing; then ask for a new grant.",
    },
    Entry {
        code: "IMP-2123",
        title: "The file is not a share",
        meaning: "The file is not the one line of a share, or its digits are damaged.",
        cause: "Another file was given, or a line that was cut when it was copied.",
        remedy: "Copy the file of the share again.",
    },
    Entry {
        code: "IMP-2124",
        title: "The restrictions cannot be",
        meaning: "The time of use ends before it begins, or there are more stations than can be listed.",
        cause: "A slip in the policy.",
        remedy: "Correct the policy and seal again.",
    },
    Entry {
        code: "IMP-2125",
        title: "Nobody could open the Job",
        meaning: "A Job is always encrypted, and it was sealed for neither an owner nor a station.",
        cause: "`--owner` and `--to` were both left out.",
        remedy: "Seal it for its owner, `--owner OWNER.pub`, or for a station, `--to STATION.pub`.",
    },
    Entry {
        code: "IMP-2126",
        title: "The image to replace is a SAP",
        meaning: "A new Job goes on with the counts of the Job it replaces; a SAP has none that could go on.",
        cause: "Another image was given for the old Job.",
        remedy: "Give the old `.job` file, or seal a new Job without it.",
    },
    Entry {
        code: "IMP-2127",
        title: "The image to replace has the last revision",
        meaning: "Revisions count up to 2^64-1, and the old Job has that one.",
        cause: "A revision that somebody chose by hand.",
        remedy: "Seal a new Job that replaces none.",
    },
    Entry {
        code: "IMP-2128",
        title: "Too many distributors, or one twice",
        meaning: "An image names at most eight distributors, each once.",
        cause: "The same key was given twice under two names, or every station was made a distributor.",
        remedy: "Give each distributor once. Whoever has more lists them in a root document.",
    },
];
