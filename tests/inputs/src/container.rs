//! Images and objects.

use crate::template::{Patched, template};
use imprint_image::{
    Image, Object,
    container::{Grant, HEADER_LEN, Header, Manifest, OpenImage, Unlock},
};
use std::io::{Cursor, Read, Seek};

/// A whole file, and then the front of a sound image with bytes replaced.
pub(crate) fn header(bytes: &[u8]) {
    let template = template();
    let _ = Image::header_only(Cursor::new(bytes));
    let _ = Image::open(Cursor::new(bytes), &template.trust);
    if let Ok(header) = Header::from_bytes(bytes) {
        assert_eq!(header.to_bytes()[..], bytes[..HEADER_LEN]);
    }
    let patched = || Patched::new(&template.encrypted, 0, bytes);
    let _ = Image::header_only(patched());
    if let Ok(image) = Image::open(patched(), &template.trust) {
        assert_eq!(
            image.id(),
            template.encrypted_id,
            "another image under the same signature"
        );
    }
}

/// A manifest, as if its signature held.
pub(crate) fn manifest(bytes: &[u8]) {
    if let Ok(manifest) = Manifest::from_bytes(bytes) {
        assert!(manifest.to_bytes() == bytes, "two manifests are one");
    }
}

/// An index of two levels with bytes replaced, and the places that are read through it.
pub(crate) fn index(bytes: &[u8]) {
    let template = template();
    let (places, patches) = bytes.split_at(bytes.len().min(8));
    let Ok(front) = Image::header_only(Cursor::new(&template.large)) else {
        return;
    };
    let start = front.header.index_offset() as usize;
    let reader = Patched::new(&template.large, start, patches);
    let Ok(image) = Image::open(reader, &template.trust) else {
        return;
    };
    let Ok(mut image) = image.unlock(Unlock::default()) else {
        return;
    };
    let mut found = [0; 16];
    for place in places.chunks(2) {
        let place = place
            .iter()
            .fold(0, |place, byte| place << 8 | u64::from(*byte));
        // Every 64 KiB and around it.
        let offset = (place << 8) % (template.large.len() as u64 + 64);
        let _ = image.read_at(offset, &mut found);
    }
}

/// A file of grants, also as if they were for this image and this station.
pub(crate) fn grant(bytes: &[u8]) {
    let template = template();
    let mut grants = bytes.to_vec();
    look_at(&grants);
    unlock_with(&grants);
    let (image, station) = (template.encrypted_id.0, template.station.public().id().0);
    for grant in grants.chunks_exact_mut(GRANT_LEN) {
        grant[16..48].copy_from_slice(&image);
        grant[48..80].copy_from_slice(&station);
    }
    look_at(&grants);
    unlock_with(&grants);
}

/// Bytes of a grant, `docs/image-format.md`.
pub(crate) const GRANT_LEN: usize = 288;

fn look_at(bytes: &[u8]) {
    for grant in Grant::parse_all(bytes).into_iter().flatten() {
        let _ = (
            grant.image(),
            grant.station(),
            grant.terms(),
            grant.issuer(),
        );
    }
}

fn unlock_with(grants: &[u8]) {
    let template = template();
    let Ok(image) = Image::open(Cursor::new(&template.encrypted), &template.trust) else {
        return;
    };
    let _ = image.unlock(Unlock {
        grants: Some(grants),
        time_s: Some(1_800_000_000),
        ..template.unlock()
    });
}

/// What lies behind encryption: any bytes sealed in the place of an object, or a sealed image with bytes replaced.
pub(crate) fn payload(bytes: &[u8]) {
    let template = template();
    let Some((mode, bytes)) = bytes.split_first() else {
        return;
    };
    if mode % 2 == 0 {
        let image = template.seal(bytes);
        read_all(Cursor::new(&image));
    } else {
        read_all(Patched::new(&template.encrypted, HEADER_LEN, bytes));
    }
}

fn read_all(reader: impl Read + Seek) {
    let template = template();
    let Ok(image) = Image::open(reader, &template.trust) else {
        return;
    };
    let Ok(mut image) = image.unlock(template.unlock()) else {
        return;
    };
    let _ = image.verify_all();
    let _ = image.script();
    let _ = image.device();
    read_parts(&mut image);
}

fn read_parts<R: Read + Seek>(image: &mut OpenImage<R>) {
    let modules: Vec<String> = image.object().modules().map(String::from).collect();
    for module in modules {
        let _ = image.module(&module);
    }
    let payloads = image.object().payloads.iter();
    let payloads: Vec<_> = payloads
        .map(|(name, entry)| (name.to_string(), entry.segments.len()))
        .collect();
    let mut found = [0; 64];
    for (name, count) in payloads {
        for segment in 0..count.min(8) {
            let _ = image.read_segment(&name, segment, 1, &mut found);
        }
    }
}

/// An object in a file.
pub(crate) fn object(bytes: &[u8]) {
    let Ok(object) = Object::from_bytes(bytes.to_vec()) else {
        return;
    };
    let _ = (object.script(), object.device());
    for name in object.contents().payloads.keys() {
        let _ = object.payload(name.as_str());
    }
}
