//! Jobs: file and station open nothing before the cloud agreed; and what a Job says of itself without that.
#![allow(clippy::unwrap_used, missing_docs)]

mod support;

use imprint_image::{
    Image, Unlock,
    container::{GrantTerms, JobOptions, Kind, SealOptions, Share, seal_job},
};
use std::io::Cursor;
use support::{by, family, object, random, sealed, signer, station, trust};

const FACTORY: [u8; 16] = [7; 16];

/// A Job for station 1 and owner 9, from this source of randomness.
fn job(options: JobOptions, seed: u8) -> (Vec<u8>, Share) {
    let (signing, mut random) = (signer(1), random(seed));
    let recipients = [station(1).public()];
    let sealing = SealOptions {
        recipients: &recipients,
        owner: Some(station(9).public()),
        ..SealOptions::new(&signing, family(), &mut random)
    };
    seal_job(&object(), sealing, options).unwrap()
}

fn image(bytes: &[u8]) -> Image<Cursor<&[u8]>> {
    Image::open(Cursor::new(bytes), &trust(&[1])).unwrap()
}

fn unlock(bytes: &[u8], seed: u8, share: Option<&Share>) -> Result<String, &'static str> {
    let opened = image(bytes).unlock(Unlock {
        share,
        ..by(Some(&station(seed)), None)
    });
    let whole = opened.and_then(|mut opened| opened.verify_all());
    whole.map(|id| id.to_string()).map_err(|error| error.code())
}

#[test]
fn file_and_station_open_nothing_before_the_cloud_agreed() {
    let (bytes, share) = job(JobOptions::new(FACTORY), 9);
    let id = object().id().to_string();
    assert_eq!(unlock(&bytes, 1, None), Err("IMP-2120"));
    assert_eq!(unlock(&bytes, 1, Some(&share)), Ok(id.clone()));
    assert_eq!(unlock(&bytes, 9, Some(&share)), Ok(id));
    // The cloud alone opens nothing either, nor with a station that was granted nothing.
    assert_eq!(unlock(&bytes, 2, Some(&share)), Err("IMP-2201"));
    let without = image(&bytes).unlock(Unlock {
        share: Some(&share),
        ..Unlock::default()
    });
    assert_eq!(without.err().unwrap().code(), "IMP-2200");
    // What the grant holds is not the content key: it opens nothing as such. A grant of a SAP is refused.
    let mut as_sap = bytes.clone();
    let grant = as_sap.len() - 2 * 288;
    as_sap[grant + 10] = 0;
    assert_eq!(unlock(&as_sap, 1, Some(&share)), Err("IMP-2202"));
    let plain = object();
    let contains = |part: &[u8]| bytes.windows(part.len()).any(|it| it == part);
    assert!(!contains(plain.script().as_bytes()));
    assert!(!contains(share.to_text().as_bytes()));
}

#[test]
fn a_share_opens_its_own_image_only() {
    let (bytes, share) = job(JobOptions::new(FACTORY), 9);
    let (other, others_share) = job(JobOptions::new(FACTORY), 10);
    assert_eq!(unlock(&bytes, 1, Some(&others_share)), Err("IMP-2121"));
    let old = image(&bytes).manifest().clone();
    let (replaced, replaced_share) = job(JobOptions::replacing(&old).unwrap(), 11);
    assert_eq!(unlock(&replaced, 1, Some(&share)), Err("IMP-2121"));
    assert!(unlock(&replaced, 1, Some(&replaced_share)).is_ok());
    assert!(unlock(&other, 1, Some(&others_share)).is_ok());
    // Every digit of a share counts.
    let text = share.to_text();
    let line = text.trim_end();
    for (index, digit) in line.char_indices().skip("imprint-job-share-1:".len()) {
        if digit == ':' {
            continue;
        }
        let other = if digit == '0' { '1' } else { '0' };
        let changed = [&line[..index], &other.to_string(), &line[index + 1..]].concat();
        let changed = Share::from_text(&changed).unwrap();
        let expected = match index {
            0..118 => "IMP-2121",
            _ => "IMP-2122",
        };
        assert_eq!(unlock(&bytes, 1, Some(&changed)), Err(expected), "{index}");
    }
}

#[test]
fn shares_come_back_from_their_files_and_nothing_else_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.share");
    let (bytes, share) = job(JobOptions::new(FACTORY), 9);
    share.save(&path).unwrap();
    assert_eq!(Share::load(&path).unwrap(), share);
    assert_eq!(share.image, image(&bytes).id());
    assert_eq!(share.deployment_id, image(&bytes).manifest().deployment_id);
    assert_eq!(share.save(&path).unwrap_err().code(), "IMP-1092");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
    assert!(!format!("{share:?}").contains(&share.to_text()[118..130]));
    let none = Share::load(&folder.path().join("none")).unwrap_err();
    assert_eq!(none.code(), "IMP-2116");
    std::fs::write(&path, [0xFF; 300]).unwrap();
    assert_eq!(Share::load(&path).unwrap_err().code(), "IMP-2123");
    let good = share.to_text();
    let good = good.trim_end();
    assert!(Share::from_text(&format!("{good}\r\n")).is_ok());
    for bad in [
        "",
        "imprint-job-share-1",
        "imprint-job-share-1:::",
        &good[1..],
        &good[..good.len() - 1],
        &good[..good.len() - 2],
        &format!("{good}0"),
        &format!("{good}00"),
        &format!("{good} "),
        &format!("{good}\n\n"),
        &format!("{good}:00"),
        &good.replace("share-1", "share-2"),
        &good.to_uppercase(),
        &good.replacen(':', ":00", 1),
    ] {
        let error = Share::from_text(bad).expect_err(bad);
        assert_eq!(error.code(), "IMP-2123", "{bad}");
        assert!(error.help().is_some());
    }
}

#[test]
fn a_job_shows_and_proves_itself_without_a_share() {
    let (bytes, _) = job(JobOptions::new(FACTORY), 9);
    let mut image = image(&bytes);
    image.verify_all().unwrap();
    assert_eq!(image.grants().unwrap().len(), 2);
    let Kind::Job { factory, revision } = image.manifest().kind else {
        panic!("no Job");
    };
    assert_eq!((factory, revision.get()), (FACTORY, 1));
}

#[test]
fn a_job_is_granted_further_without_its_share() {
    let (bytes, share) = job(JobOptions::new(FACTORY), 9);
    let terms = GrantTerms {
        cap: Some(5),
        ..GrantTerms::default()
    };
    let owner = station(9);
    let granting = image(&bytes).granting(&by(Some(&owner), None)).unwrap();
    let grant = granting.issue(&station(2).public(), &terms, &signer(1), &mut random(3));
    let longer = [&bytes[..], grant.unwrap().to_bytes()].concat();
    assert_eq!(unlock(&longer, 2, None), Err("IMP-2120"));
    assert!(unlock(&longer, 2, Some(&share)).is_ok());
}

#[test]
fn a_job_replaces_a_job() {
    let (bytes, _) = job(JobOptions::new(FACTORY), 9);
    let old = image(&bytes).manifest().clone();
    let options = JobOptions::replacing(&old).unwrap();
    let (bytes, share) = job(options, 10);
    let new = image(&bytes).manifest().clone();
    let Kind::Job { factory, revision } = new.kind else {
        panic!("no Job");
    };
    assert_eq!((factory, revision.get()), (FACTORY, 2));
    assert_eq!(new.deployment_id, old.deployment_id);
    assert_eq!(share.deployment_id, old.deployment_id);
    assert_ne!(new.key_commitment, old.key_commitment);

    let sap = sealed(&object(), &[1]);
    let sap = Image::open(Cursor::new(sap), &trust(&[1])).unwrap();
    let refused = JobOptions::replacing(sap.manifest()).unwrap_err();
    assert_eq!(refused.code(), "IMP-2126");
    let mut last = old;
    last.kind = Kind::Job {
        factory: FACTORY,
        revision: u64::MAX.try_into().unwrap(),
    };
    assert_eq!(JobOptions::replacing(&last).unwrap_err().code(), "IMP-2127");
}

#[test]
fn a_job_that_nobody_could_open_is_not_made() {
    let (signing, mut random) = (signer(1), random(9));
    let options = SealOptions::new(&signing, family(), &mut random);
    let refused = seal_job(&object(), options, JobOptions::new(FACTORY)).unwrap_err();
    assert_eq!(refused.code(), "IMP-2125");
    assert!(refused.help().is_some());
}
