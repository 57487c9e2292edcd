//! Index and chunks: rows 14, 15 and 23, and the object commitment of row 26.

use crate::{
    cbor::{Cbor, bytes},
    object_form::ObjectForm,
    vector::Vector,
    writer::{Seal, encrypted, plain},
};

/// An object in two chunks, the second as short as may be.
fn two(seal: Seal, plain_len: usize) -> Seal {
    seal.object(ObjectForm::of_len(plain_len - 32))
}

pub fn vectors() -> Vec<Vector> {
    let row = Vector::new;
    let granted = |seal: Seal| seal.write().granted(&[1]);
    let mut all = vec![
        row(
            "chunk-one-less",
            "65,535 bytes of salt and object: one chunk.",
            "ok",
            two(plain(), 65_535).write(),
        ),
        row(
            "chunk-empty",
            "65,536 bytes of salt and object: the second chunk is empty.",
            "ok",
            two(plain(), 65_536).write(),
        ),
        row(
            "chunk-of-one",
            "65,537 bytes of salt and object: the second chunk has one byte.",
            "ok",
            two(plain(), 65_537).write(),
        ),
        row(
            "encrypted-chunk-empty",
            "65,536 bytes, encrypted: the second chunk is a tag alone.",
            "ok",
            granted(two(encrypted(), 65_536)),
        )
        .station(1),
        row(
            "encrypted-chunk-of-one",
            "65,537 bytes, encrypted.",
            "ok",
            granted(two(encrypted(), 65_537)),
        )
        .station(1),
        row(
            "encrypted-chunk-empty-flipped",
            "One bit of the tag of an empty chunk.",
            "IMP-2112",
            granted(two(encrypted(), 65_536)).edit(|it| it.chunks[1][0] ^= 1),
        )
        .station(1),
        row(
            "index-second-flipped",
            "One bit of the second hash of the index.",
            "IMP-2111",
            two(plain(), 65_537).write().edit(|it| it.index[32] ^= 1),
        ),
        row(
            "chunks-swapped",
            "The hashes of two chunks swapped.",
            "IMP-2111",
            two(plain(), 65_537)
                .write()
                .edit(|it| it.index.rotate_left(32)),
        ),
        row(
            "index-flipped",
            "One bit of the index.",
            "IMP-2111",
            plain().write().edit(|it| it.index[0] ^= 1),
        ),
        row(
            "index-of-the-chunk",
            "The index is the hash of the chunk without the byte in front.",
            "IMP-2111",
            plain().write().edit(|it| {
                it.index = crate::writer::hash(&[&it.chunks[0]]).to_vec();
            }),
        ),
        row(
            "index-root",
            "The root in the manifest is another.",
            "IMP-2111",
            plain().manifest(|it| it.set(11, bytes([0; 32]))).write(),
        ),
        row(
            "index-root-and-trailing",
            "The root is another, and a byte is behind the image: the index is looked at first.",
            "IMP-2111",
            plain().manifest(|it| it.set(11, bytes([0; 32]))).write(),
        )
        .bytes(|it| it.push(0)),
        row(
            "encrypted-index-flipped",
            "One bit of the index, encrypted, and no key of a station is given.",
            "IMP-2111",
            granted(encrypted()).edit(|it| it.index[31] ^= 0x80),
        ),
        row(
            "chunk-flipped",
            "One bit of the last byte of the payload.",
            "IMP-2112",
            plain().write(),
        )
        .bytes(|it| *it.last_mut().unwrap() ^= 1),
        row(
            "salt-flipped",
            "One bit of the salt.",
            "IMP-2112",
            plain().write().edit(|it| it.chunks[0][0] ^= 1),
        ),
        row(
            "chunk-and-directory-flipped",
            "A chunk is damaged where the directory of the object is.",
            "IMP-2112",
            plain().write().edit(|it| it.chunks[0][100] ^= 1),
        ),
        row(
            "encrypted-chunk-flipped",
            "One bit of an encrypted chunk.",
            "IMP-2112",
            granted(encrypted()).edit(|it| it.chunks[0][40] ^= 1),
        )
        .station(1),
        row(
            "encrypted-tag-flipped",
            "One bit of a chunk's tag.",
            "IMP-2112",
            granted(encrypted()).edit(|it| *it.chunks[0].last_mut().unwrap() ^= 1),
        )
        .station(1),
        row(
            "encrypted-badly",
            "A chunk that was damaged before it was hashed and signed: only its tag shows it.",
            "IMP-2112",
            granted(encrypted().chunks(|it| it[0][40] ^= 1)),
        )
        .station(1),
        row(
            "encrypted-with-another-key",
            "Chunks under another key than the committed one.",
            "IMP-2112",
            granted(encrypted().chunks(|it| {
                *it = Seal {
                    secret: [1; 32],
                    ..encrypted()
                }
                .write()
                .chunks;
            })),
        )
        .station(1),
        row(
            "encrypted-for-another-deployment",
            "Chunks of another deployment under the same content key.",
            "IMP-2112",
            granted(encrypted().chunks(|it| {
                *it = Seal {
                    deployment: [1; 16],
                    ..encrypted()
                }
                .write()
                .chunks;
            })),
        )
        .station(1),
        row(
            "encrypted-chunks-not",
            "Chunks that were never encrypted, and filled up to their length.",
            "IMP-2112",
            granted(encrypted().chunks(|it| {
                *it = plain().write().chunks;
                it[0].extend([0; 16]);
            })),
        )
        .station(1),
        row(
            "commitment",
            "The object commitment is of another object.",
            "IMP-2114",
            plain().manifest(|it| it.set(10, bytes([0; 32]))).write(),
        ),
        row(
            "commitment-without-salt",
            "The object commitment is the object id alone.",
            "IMP-2114",
            {
                let id = plain().write().object_id;
                plain().manifest(move |it| it.set(10, bytes(id))).write()
            },
        ),
        row(
            "salt-differs",
            "Another salt than the one in the commitment, properly signed.",
            "IMP-2114",
            plain().chunks(|it| it[0][..32].fill(0)).write(),
        ),
        row(
            "late-byte-differs",
            "The last byte of the object is not the one that was committed to, properly signed.",
            "IMP-2114",
            plain()
                .chunks(|it| {
                    *it[0].last_mut().unwrap() ^= 1;
                })
                .write(),
        ),
        row(
            "late-chunk-and-name",
            "The last chunk is damaged and the name differs: the name is seen first.",
            "IMP-2114",
            two(plain(), 65_537)
                .manifest(|it| it.set(2, Cbor::Text("other".into())))
                .write()
                .edit(|it| it.chunks[1][0] ^= 1),
        ),
        row(
            "behind-plain-a-grant",
            "A sound grant behind a plain image.",
            "IMP-2105",
            plain().write(),
        )
        .bytes(|it| {
            it.extend(encrypted().write().grant(1, |_| ()));
        }),
    ];
    type Edit = fn(&mut Vec<u8>);
    let behind: [(&str, &str, Edit); 5] = [
        ("287", "287 bytes more.", |it| it.extend([0; 287])),
        ("288", "288 bytes more that are no grant.", |it| {
            it.extend([0; 288])
        }),
        ("289", "The grant and one byte more.", |it| it.push(0)),
        ("cut", "The last byte of the grant is missing.", |it| {
            it.pop();
        }),
        ("magic", "One bit of the magic of the grant.", |it| {
            let at = it.len() - 288;
            it[at] ^= 1;
        }),
    ];
    for (name, about, edit) in behind {
        let name = format!("behind-{name}");
        all.push(row(&name, about, "IMP-2105", granted(encrypted())).bytes(edit));
    }
    all
}
