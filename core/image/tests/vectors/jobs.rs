//! Jobs: rows 12 and 20 to 22.

use crate::{
    cbor::{Cbor, bytes, int},
    vector::Vector,
    writer::{Sealed, job, seeded, share_line},
};

fn granted() -> Sealed {
    job().write().granted(&[1])
}

pub fn vectors() -> Vec<Vector> {
    let row = |name: &str, about: &str, expect, sealed: Sealed| {
        let share = sealed.share();
        Vector::new(name, about, expect, sealed)
            .station(1)
            .share(share)
    };
    let without_share = |name: &str, about: &str, expect, sealed: Sealed| {
        Vector::new(name, about, expect, sealed).station(1)
    };
    let (deployment, id): ([u8; 16], _) = (seeded(201), granted().id);
    let cloud: [u8; 32] = seeded(203);
    let with_share = |name: &str, about: &str, expect, line: String| {
        Vector::new(name, about, expect, granted())
            .station(1)
            .share(line)
    };
    let station_key = granted().share();
    let mut all = vec![
        row("job", "A Job, its station and its share.", "ok", granted()),
        row(
            "job-revision-2",
            "Revision 2.",
            "ok",
            job()
                .manifest(|it| it.set(15, int(2)))
                .write()
                .granted(&[1]),
        ),
        row(
            "job-revision-most",
            "Revision 2^64 - 1.",
            "ok",
            job()
                .manifest(|it| it.set(15, int(u64::MAX)))
                .write()
                .granted(&[1]),
        ),
        row("job-owner", "The owner's grant and the share.", "ok", {
            let sealed = job().write();
            let grant = sealed.grant(1, |it| it.flags = 1);
            sealed.with(&[grant])
        }),
        without_share(
            "job-without-share",
            "Its share is not given.",
            "IMP-2120",
            granted(),
        ),
        without_share(
            "job-without-share-and-grant",
            "Neither share nor grant.",
            "IMP-2201",
            job().write(),
        ),
        without_share(
            "job-without-share-bad-grant",
            "No share, and its grant is over.",
            "IMP-2202",
            {
                let sealed = job().write();
                let grant = sealed.grant(1, |it| it.until = 5);
                sealed.with(&[grant])
            },
        )
        .now(6),
        Vector::new(
            "job-without-station",
            "A share and no key of a station.",
            "IMP-2200",
            granted(),
        )
        .share(station_key),
        with_share(
            "job-share-of-another-deployment",
            "The share of another deployment.",
            "IMP-2121",
            share_line(&[1; 16], &id, &cloud),
        ),
        with_share(
            "job-share-of-another-image",
            "The share of another image.",
            "IMP-2121",
            share_line(&deployment, &[1; 32], &cloud),
        ),
        with_share(
            "job-share-of-another-revision",
            "The share of revision 2.",
            "IMP-2121",
            job().manifest(|it| it.set(15, int(2))).write().share(),
        ),
        with_share("job-share-wrong", "One bit of the share.", "IMP-2122", {
            let mut wrong = cloud;
            wrong[31] ^= 1;
            share_line(&deployment, &id, &wrong)
        }),
        with_share(
            "job-share-of-the-station",
            "The station's share in the place of the cloud's.",
            "IMP-2122",
            share_line(&deployment, &id, &seeded::<32>(202)),
        ),
        Vector::new(
            "job-shares-swapped",
            "The grant carries the cloud's share, the file the station's.",
            "IMP-2122",
            {
                let sealed = job().write();
                let grant = sealed.grant(1, |it| it.secret = seeded(203));
                sealed.with(&[grant])
            },
        )
        .station(1)
        .share(share_line(&deployment, &id, &seeded::<32>(202))),
        row(
            "job-grant-wrong",
            "The grant carries a wrong half.",
            "IMP-2122",
            {
                let sealed = job().write();
                let grant = sealed.grant(1, |it| it.secret = [1; 32]);
                sealed.with(&[grant])
            },
        ),
        row(
            "job-best-grant-wrong",
            "The grant with the larger cap carries a wrong half.",
            "IMP-2122",
            {
                let sealed = job().write();
                let wrong = sealed.grant(1, |it| {
                    it.secret = [1; 32];
                    it.cap = 9;
                });
                let right = sealed.grant(1, |it| it.cap = 8);
                sealed.with(&[right, wrong])
            },
        ),
        row(
            "job-worse-grant-wrong",
            "The grant with the smaller cap carries a wrong half.",
            "ok",
            {
                let sealed = job().write();
                let wrong = sealed.grant(1, |it| {
                    it.secret = [1; 32];
                    it.cap = 7;
                });
                let right = sealed.grant(1, |it| it.cap = 8);
                sealed.with(&[wrong, right])
            },
        ),
        row(
            "job-grant-of-a-sap",
            "Its grant has the kind of a SAP.",
            "IMP-2202",
            {
                let sealed = job().write();
                let grant = sealed.grant(1, |it| it.kind = 0);
                sealed.with(&[grant])
            },
        ),
        row(
            "job-chunk-flipped",
            "One bit of a chunk.",
            "IMP-2112",
            granted().edit(|it| it.chunks[0][50] ^= 1),
        ),
        row(
            "share-for-a-sap",
            "A share for a SAP, which needs none.",
            "ok",
            crate::writer::encrypted().write().granted(&[1]),
        ),
    ];
    type Edit = fn(&mut Cbor);
    let manifests: [(&str, &str, Edit); 7] = [
        ("without-factory", "Without a virtual factory.", |it| {
            it.remove(14)
        }),
        ("without-revision", "Without a revision.", |it| {
            it.remove(15)
        }),
        ("revision-0", "Revision 0.", |it| it.set(15, int(0))),
        ("factory-15", "A virtual factory of 15 bytes.", |it| {
            it.set(14, bytes([7; 15]))
        }),
        ("factory-17", "A virtual factory of 17 bytes.", |it| {
            it.set(14, bytes([7; 17]))
        }),
        ("as-a-sap", "Kind 0 with the entries of a Job.", |it| {
            it.set(1, int(0))
        }),
        ("without-key-12", "Without a key commitment.", |it| {
            it.remove(12)
        }),
    ];
    for (name, about, edit) in manifests {
        let sealed = job().manifest(edit).write().granted(&[1]);
        all.push(row(&format!("job-{name}"), about, "IMP-2108", sealed));
    }
    all
}
