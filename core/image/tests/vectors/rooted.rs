//! Images for a reader that trusts root documents, and keys where it says so.

use crate::{
    cbor::{int, map},
    vector::Vector,
    writer::{Seal, encrypted, job, plain},
};

pub fn vectors() -> Vec<Vector> {
    let by = |name: &str, about: &str, expect, seal: Seal| {
        Vector::new(&format!("rooted-{name}"), about, expect, seal.write()).trust(&[])
    };
    let restricted = || plain().manifest(|it| it.set(13, map([(3, int(5))])));
    let granted = |seal: Seal, issuer: u8| {
        let sealed = seal.write();
        let grant = sealed.grant(1, |it| it.issuer = issuer);
        sealed.with(&[grant])
    };
    let with_grant = |name: &str, about: &str, expect, issuer: u8| {
        let sealed = granted(encrypted().signers(&[20, 21]), issuer);
        Vector::new(&format!("rooted-grant-by-{name}"), about, expect, sealed)
            .trust(&[])
            .root("root-first")
            .station(1)
    };
    let job_by = |signers: &[u8]| granted(job().signers(signers), 40);
    let rooted_job = |name: &str, about: &str, expect, signers: &[u8]| {
        let sealed = job_by(signers);
        let share = sealed.share();
        Vector::new(&format!("rooted-job-{name}"), about, expect, sealed)
            .trust(&[])
            .root("root-first")
            .station(1)
            .share(share)
    };
    vec![
        by("release", "Signed by two of release.", "ok", plain().signers(&[20, 21])).root("root-first"),
        by("release-three", "Signed by all of release.", "ok", plain().signers(&[20, 21, 22])).root("root-first"),
        by("release-and-stranger", "Signed by two of release and a stranger.", "ok", plain().signers(&[20, 21, 99])).root("root-first"),
        by("release-one", "Signed by one of release, and two are needed.", "IMP-2106", plain().signers(&[20])).root("root-first"),
        by("release-and-policy", "Signed by one of release and one of policy.", "IMP-2106", plain().signers(&[20, 30])).root("root-first"),
        by("root-keys", "Signed by two of the role root.", "IMP-2106", plain().signers(&[10, 11])).root("root-first"),
        by("nobody-trusted", "Signed by strangers.", "IMP-2106", plain().signers(&[98, 99])).root("root-first"),
        by("restricted", "Restricted, signed by two of release and one of policy.", "ok", restricted().signers(&[20, 21, 30])).root("root-first"),
        by("restricted-both", "Restricted, signed by two of release, of whom one is also of policy.", "ok", restricted().signers(&[20, 22])).root("root-first"),
        by("restricted-without-policy", "Restricted, signed by two of release.", "IMP-2106", restricted().signers(&[20, 21])).root("root-first"),
        by("restricted-no-policy-role", "Restricted, under a root document without the role policy.", "ok", restricted().signers(&[20])).root("root-other-owner"),
        by("restricted-two-roots", "Restricted, enough of one root document's release and of another's, which has no role policy.", "ok", restricted().signers(&[20, 21]))
            .root("root-first")
            .root("root-other-owner"),
        by("two-roots-half-each", "Signed by one of release of each of two root documents, and one asks for one.", "ok", plain().signers(&[1, 22]))
            .root("root-first")
            .root("root-other-owner"),
        by("policy-and-top-tile", "Restricted without policy, and the index is damaged: who signed is looked at first.", "IMP-2106", restricted().signers(&[20, 21]))
            .root("root-first")
            .bytes(|it| {
                let at = it.len() - plain().write().chunks.concat().len() - 1;
                it[at] ^= 1;
            }),
        by("restrictions-bad-and-policy", "Restrictions that cannot be, and policy is missing: they are looked at first.", "IMP-2108", plain()
            .manifest(|it| it.set(13, map([])))
            .signers(&[20, 21]))
        .root("root-first"),
        by("second", "Signed by the only one of release that number 2 has.", "ok", plain().signers(&[23])).root("root-second-by-four-start"),
        by("second-old-keys", "Signed by the keys of release of number 1, and number 2 is trusted.", "IMP-2106", plain().signers(&[20, 21]))
            .root("root-second-by-four-start"),
        Vector::new("rooted-and-key", "Restricted, signed by a key that is trusted by itself beside a root document.", "ok", restricted().write()).root("root-first"),
        rooted_job("policy", "A Job, signed by two of release and one of policy.", "ok", &[20, 21, 30]),
        rooted_job("without-policy", "A Job, signed by two of release.", "IMP-2106", &[20, 21]),
        with_grant("distributor", "The issuer is of the role distributor.", "ok", 40),
        with_grant("signer", "The issuer has signed the image.", "ok", 21),
        with_grant("release", "The issuer is of release and has not signed.", "IMP-2202", 22),
        with_grant("root", "The issuer is of the role root.", "IMP-2202", 10),
        with_grant("policy", "The issuer is of the role policy.", "IMP-2202", 30),
        with_grant("plugin", "The issuer is of the role plugin.", "IMP-2202", 50),
        with_grant("other-distributor", "The issuer is distributor of another owner, whose thresholds are not reached.", "IMP-2202", 41),
        with_grant("distributor-of-another-root", "The issuer is distributor of another owner, who asks for one of the signers.", "ok", 41).root("root-other-owner"),
    ]
}
