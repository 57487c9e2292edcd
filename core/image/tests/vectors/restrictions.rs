//! Restrictions: key 13 of the manifest. They are for a run; an image opens whatever they say.

use crate::{
    cbor::{Cbor, bytes, int, list, map, text},
    vector::Vector,
    writer::plain,
};

fn stations(seeds: &[u8]) -> Cbor {
    list(
        seeds
            .iter()
            .map(|seed| bytes([*seed; 32]))
            .collect::<Vec<_>>(),
    )
}

pub fn vectors() -> Vec<Vector> {
    let rows: [(&str, &str, &str, Cbor); 29] = [
        (
            "all",
            "All that there are.",
            "ok",
            map([
                (1, int(1_000)),
                (2, int(2_000)),
                (3, int(3)),
                (4, int(4)),
                (5, int(5)),
                (6, stations(&[1, 2])),
                (7, int(7)),
            ]),
        ),
        (
            "one-second",
            "First and last second are one.",
            "ok",
            map([(1, int(5)), (2, int(5))]),
        ),
        (
            "past",
            "Over since 1970, which is for the run to refuse.",
            "ok",
            map([(2, int(0))]),
        ),
        (
            "most",
            "The largest counts and times.",
            "ok",
            map([
                (1, int(u64::MAX)),
                (2, int(u64::MAX)),
                (3, int(u64::MAX)),
                (4, int(u64::MAX)),
                (5, int(u64::MAX)),
                (7, int(u32::MAX.into())),
            ]),
        ),
        ("revision-0", "Least revision 0.", "ok", map([(7, int(0))])),
        ("empty", "None in the map of them.", "IMP-2108", map([])),
        (
            "list",
            "A list in the place of a map.",
            "IMP-2108",
            list([]),
        ),
        (
            "key-0",
            "Key 0.",
            "IMP-2108",
            map([(0, int(1)), (3, int(1))]),
        ),
        (
            "key-8",
            "Key 8.",
            "IMP-2108",
            map([(3, int(1)), (8, int(1))]),
        ),
        (
            "key-1000",
            "Key 1000: nothing is ignorable here.",
            "IMP-2108",
            map([(3, int(1)), (1000, bytes([]))]),
        ),
        (
            "unsorted",
            "Keys out of order.",
            "IMP-2108",
            map([(4, int(1)), (3, int(1))]),
        ),
        (
            "twice",
            "Key 3 twice.",
            "IMP-2108",
            map([(3, int(1)), (3, int(1))]),
        ),
        (
            "ends-before",
            "It ends before it begins.",
            "IMP-2108",
            map([(1, int(6)), (2, int(5))]),
        ),
        ("units-0", "No unit.", "IMP-2108", map([(3, int(0))])),
        ("attempts-0", "No attempt.", "IMP-2108", map([(4, int(0))])),
        ("failures-0", "No failure.", "IMP-2108", map([(5, int(0))])),
        (
            "units-text",
            "A number of units that is text.",
            "IMP-2108",
            map([(3, text("3"))]),
        ),
        (
            "units-negative",
            "-1 units.",
            "IMP-2108",
            map([(3, Cbor::Raw(vec![0x20]))]),
        ),
        (
            "units-long",
            "3 units in two bytes.",
            "IMP-2108",
            map([(3, Cbor::Raw(vec![0x18, 3]))]),
        ),
        (
            "units-float",
            "1.0 units.",
            "IMP-2108",
            map([(3, Cbor::Raw(vec![0xF9, 0x3C, 0]))]),
        ),
        (
            "time-date",
            "A time with the tag of times.",
            "IMP-2108",
            map([(1, Cbor::Raw(vec![0xC1, 1]))]),
        ),
        (
            "stations-empty",
            "No station in the list of them.",
            "IMP-2108",
            map([(6, list([]))]),
        ),
        (
            "stations-unsorted",
            "Stations out of order.",
            "IMP-2108",
            map([(6, stations(&[2, 1]))]),
        ),
        (
            "stations-twice",
            "One station twice.",
            "IMP-2108",
            map([(6, stations(&[1, 1]))]),
        ),
        (
            "stations-31",
            "A station of 31 bytes.",
            "IMP-2108",
            map([(6, list([bytes([1; 31])]))]),
        ),
        (
            "stations-text",
            "A station that is text.",
            "IMP-2108",
            map([(6, list([text("line-1")]))]),
        ),
        (
            "revision-2-32",
            "Least revision 2^32.",
            "IMP-2108",
            map([(7, int(1 << 32))]),
        ),
        (
            "revision-bytes",
            "A revision that is a byte string.",
            "IMP-2108",
            map([(7, bytes([1]))]),
        ),
        (
            "null",
            "A null in the place of a map.",
            "IMP-2108",
            Cbor::Raw(vec![0xF6]),
        ),
    ];
    let vector = |(name, about, expect, value): (&str, &str, _, Cbor)| {
        let name = format!("restrictions-{name}");
        Vector::new(
            &name,
            about,
            expect,
            plain().manifest(|it| it.set(13, value)).write(),
        )
    };
    rows.into_iter().map(vector).collect()
}
