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
    Entry {
        code: "IMP-2130",
        title: "The policy is larger than is read",
        meaning: "The file of the policy is longer than any policy needs to be.",
        cause: "Another file was given.",
        remedy: "Give the policy. Stations by the thousand are granted the image instead: `imprint grant`.",
    },
    Entry {
        code: "IMP-2131",
        title: "The policy is not RON, or a value is not one a policy can have",
        meaning: "The place in the message is where it could not be read further.",
        cause: "A slip of the pen: a missing comma, a day that the month does not have, a count of 0.",
        remedy: "Write it like `(not_after: \"2026-12-31\", units: 1000)`.",
    },
    Entry {
        code: "IMP-2132",
        title: "The policy has an unknown field",
        meaning: "A policy knows the fields not_before, not_after, units, attempts, failures, stations and device_revision_min.",
        cause: "A misspelt field.",
        remedy: "Write the field as the help says.",
    },
    Entry {
        code: "IMP-2133",
        title: "The policy says nothing, or contradicts itself",
        meaning: "Each value can be, and together they cannot: nothing is restricted, the time of use ends before it begins, or a station is there twice.",
        cause: "A slip in the policy.",
        remedy: "Correct the policy, or seal without one.",
    },
    Entry {
        code: "IMP-2134",
        title: "A station of the policy has no usable key",
        meaning: "The policy names a file of a station's public key, and that cannot be used.",
        cause: "The file is not beside the policy, or it is another key.",
        remedy: "Put the station's public key beside the policy, or write its key id in the policy.",
    },
    Entry {
        code: "IMP-2135",
        title: "The policy cannot be read",
        meaning: "The system refuses to read the file.",
        cause: "A wrong path, or a file that belongs to another user.",
        remedy: "Check the path and the permissions.",
    },
];
