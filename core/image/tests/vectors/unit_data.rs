//! What an object says of each unit: link, power, serial numbers, data, barcode, run tests. Keys 9 to 14 of its directory.

use crate::{
    cbor::{Cbor, int, ints, list, map, text},
    object_form::ObjectForm,
    vector::Vector,
    writer::plain,
};

type Edit = fn(&mut Cbor);

const ROWS: &[(&str, &str, &str, Edit)] = &[
    (
        "whole",
        "Everything that an object can say of a unit.",
        "ok",
        |_| (),
    ),
    ("link-protocol", "Protocol 1.", "IMP-2113", |it| {
        it.at(9).set(1, int(1))
    }),
    ("link-clock-0", "A clock of 0.", "IMP-2113", |it| {
        it.at(9).set(2, int(0))
    }),
    (
        "link-clock-over",
        "A clock of 50,001 kHz.",
        "IMP-2113",
        |it| it.at(9).set(2, int(50_001)),
    ),
    ("link-clock-most", "A clock of 50,000 kHz.", "ok", |it| {
        it.at(9).set(2, int(50_000))
    }),
    ("link-connect-2", "Connect 2.", "IMP-2113", |it| {
        it.at(9).set(3, int(2))
    }),
    ("link-reset-3", "Reset 3.", "IMP-2113", |it| {
        it.at(9).set(4, int(3))
    }),
    (
        "link-key-5",
        "Link settings with key 5.",
        "IMP-2113",
        |it| it.at(9).set(5, int(0)),
    ),
    ("power-999", "999 mV.", "IMP-2113", |it| {
        it.at(10).set(1, int(999))
    }),
    ("power-5501", "5,501 mV.", "IMP-2113", |it| {
        it.at(10).set(1, int(5_501))
    }),
    ("power-settle", "60,001 ms to settle.", "IMP-2113", |it| {
        it.at(10).set(2, int(60_001))
    }),
    ("power-after-2", "After the run 2.", "IMP-2113", |it| {
        it.at(10).set(4, int(2))
    }),
    (
        "serials-empty",
        "No serial number in the list of them.",
        "IMP-2113",
        |it| it.set(11, list([])),
    ),
    (
        "serials-unsorted",
        "Serial numbers out of order.",
        "IMP-2113",
        |it| it.at(11).items().reverse(),
    ),
    (
        "serial-without-7",
        "A serial number without key 7.",
        "IMP-2113",
        |it| serial(it, "sn").remove(7),
    ),
    (
        "serial-key-8",
        "A serial number with key 8.",
        "IMP-2113",
        |it| serial(it, "sn").set(8, int(0)),
    ),
    (
        "serial-address",
        "A serial number that ends behind 2^32.",
        "IMP-2113",
        |it| serial(it, "sn").set(2, int((1 << 32) - 7)),
    ),
    ("serial-encoding-6", "Encoding 6.", "IMP-2113", |it| {
        serial(it, "sn").set(3, ints(&[6]))
    }),
    (
        "serial-encoding-long",
        "An integer of 9 bytes.",
        "IMP-2113",
        |it| serial(it, "sn").set(3, ints(&[2, 9])),
    ),
    (
        "serial-ascii-256",
        "ASCII of 256 letters.",
        "IMP-2113",
        |it| {
            serial(it, "sn").set(3, ints(&[1, 256, 0]));
            serial(it, "sn").set(4, int(256));
        },
    ),
    (
        "serial-ascii-short",
        "ASCII that is shorter than its values.",
        "IMP-2113",
        |it| {
            serial(it, "sn").set(3, ints(&[1, 3, 0]));
            serial(it, "sn").set(4, int(3));
        },
    ),
    (
        "serial-integer-of-letters",
        "An integer of values with a letter.",
        "IMP-2113",
        |it| {
            serial(it, "sn").set(3, ints(&[2, 4]));
            serial(it, "sn").set(4, int(4));
        },
    ),
    (
        "serial-mac-of-4",
        "A MAC address of values of four letters.",
        "IMP-2113",
        |it| {
            serial(it, "sn").set(3, ints(&[4]));
            serial(it, "sn").set(4, int(6));
        },
    ),
    (
        "serial-integer-large",
        "An integer of a byte for values to 999.",
        "IMP-2113",
        |it| supplied(it, &[&[2], &[2], &[2]], &[2, 1]),
    ),
    (
        "serial-integer",
        "An integer of two bytes for values to 999.",
        "ok",
        |it| supplied(it, &[&[2], &[2], &[2]], &[3, 2]),
    ),
    (
        "serial-integer-255",
        "An integer of a byte for values to 255.",
        "ok",
        |it| supplied(it, &[&[0, 0x32], &[0, 0x35], &[0, 0x35]], &[2, 1]),
    ),
    (
        "serial-integer-256",
        "An integer of a byte for the value 256.",
        "IMP-2113",
        |it| supplied(it, &[&[0, 0x32], &[0, 0x35], &[0, 0x36]], &[2, 1]),
    ),
    (
        "serial-integer-negative",
        "An integer of a byte for the value -9.",
        "ok",
        |it| supplied(it, &[&[0, 0x2D], &[2]], &[2, 1]),
    ),
    (
        "serial-integer-129",
        "An integer of a byte for the value -129.",
        "IMP-2113",
        |it| {
            supplied(
                it,
                &[&[0, 0x2D], &[0, 0x31], &[0, 0x32], &[0, 0x39]],
                &[2, 1],
            )
        },
    ),
    (
        "serial-integer-plus",
        "An integer with a sign that numbers have not.",
        "IMP-2113",
        |it| supplied(it, &[&[0, 0x2B], &[2]], &[2, 1]),
    ),
    (
        "serial-integer-hex",
        "An integer of a byte for `0x` and a byte.",
        "ok",
        |it| supplied(it, &[&[0, 0x30], &[0, 0x78], &[1]], &[2, 1]),
    ),
    (
        "serial-integer-byte",
        "An integer of a byte that has no `0x` in front.",
        "IMP-2113",
        |it| supplied(it, &[&[1]], &[2, 1]),
    ),
    (
        "serial-mac-bytes",
        "A MAC address of six bytes.",
        "ok",
        |it| supplied(it, &[&[1], &[1], &[1], &[1], &[1], &[1]], &[4]),
    ),
    (
        "serial-mac-colon",
        "A MAC address with one colon.",
        "IMP-2113",
        |it| supplied(it, &[&[1], &[0, 0x3A], &[1], &[1], &[1], &[1], &[1]], &[4]),
    ),
    (
        "serial-ascii-bytes",
        "ASCII of two for a byte.",
        "ok",
        |it| supplied(it, &[&[1]], &[1, 2, 0]),
    ),
    (
        "serial-ascii-bytes-short",
        "ASCII of one for a byte, which has two digits.",
        "IMP-2113",
        |it| supplied(it, &[&[1]], &[1, 1, 0]),
    ),
    (
        "serial-len",
        "A value of another length than its encoding.",
        "IMP-2113",
        |it| serial(it, "sn").set(4, int(7)),
    ),
    (
        "serial-into",
        "Into a payload that is not there.",
        "IMP-2113",
        |it| serial(it, "sn").set(5, text("other")),
    ),
    (
        "serial-over-nothing",
        "Over something, and into nothing.",
        "IMP-2113",
        |it| serial(it, "box").set(6, Cbor::Bool(true)),
    ),
    ("serial-failed-2", "Of a failed unit 2.", "IMP-2113", |it| {
        serial(it, "sn").set(7, int(2))
    }),
    (
        "serial-id-twice",
        "Two serial numbers of one id.",
        "IMP-2113",
        |it| definition(it, "box").set(1, text("sn")),
    ),
    ("serial-per-unit-0", "No value a unit.", "IMP-2113", |it| {
        definition(it, "sn").set(3, int(0))
    }),
    (
        "serial-per-unit-65",
        "65 values a unit.",
        "IMP-2113",
        |it| definition(it, "sn").set(3, int(65)),
    ),
    (
        "serial-supplied-2",
        "Two values a unit that are supplied.",
        "IMP-2113",
        |it| definition(it, "box").set(3, int(2)),
    ),
    ("serial-values-3", "Values of kind 3.", "IMP-2113", |it| {
        definition(it, "box").set(2, ints(&[3]))
    }),
    ("serial-list-0", "A list of no values.", "IMP-2113", |it| {
        definition(it, "mac").at(2).items()[1] = int(0)
    }),
    (
        "serial-list-over",
        "A list of 1,000,001 values.",
        "IMP-2113",
        |it| definition(it, "mac").at(2).items()[1] = int(1_000_001),
    ),
    (
        "serial-list-gone",
        "Its list is there, and it is supplied.",
        "IMP-2113",
        |it| {
            definition(it, "mac").set(2, list([int(2), list(vec![ints(&[6]); 12])]));
            definition(it, "mac").set(3, int(1));
        },
    ),
    ("counter-step-0", "A step of 0.", "IMP-2113", |it| {
        counter(it).set(4, int(0))
    }),
    ("counter-step-over", "A step of 2^32.", "IMP-2113", |it| {
        counter(it).set(4, int(1 << 32))
    }),
    ("counter-step-most", "A step of 2^32 - 1.", "ok", |it| {
        counter(it).set(4, int(u32::MAX.into()))
    }),
    ("counter-direction", "Direction 2.", "IMP-2113", |it| {
        counter(it).set(5, int(2))
    }),
    ("counter-fastest", "The end 2 moves.", "IMP-2113", |it| {
        counter(it).set(6, int(2))
    }),
    (
        "counter-start-long",
        "A first value that is too long.",
        "IMP-2113",
        |it| counter(it).set(2, text("A0000")),
    ),
    (
        "counter-start-letter",
        "A first value of another letter.",
        "IMP-2113",
        |it| counter(it).set(2, text("B000")),
    ),
    (
        "counter-ends-before",
        "It ends before it begins.",
        "IMP-2113",
        |it| {
            counter(it).set(2, text("A500"));
            counter(it).set(3, text("A499"));
        },
    ),
    (
        "counter-down-up",
        "It goes down to what is above.",
        "IMP-2113",
        |it| counter(it).set(5, int(1)),
    ),
    ("positions-none", "No position.", "IMP-2113", |it| {
        counter(it).set(1, list([]))
    }),
    ("positions-8", "A position of kind 8.", "IMP-2113", |it| {
        counter(it).at(1).items()[0] = ints(&[8])
    }),
    (
        "positions-constant-31",
        "A constant that cannot be printed.",
        "IMP-2113",
        |it| counter(it).at(1).items()[0] = ints(&[0, 31]),
    ),
    (
        "positions-set-twice",
        "A set with a letter twice.",
        "IMP-2113",
        |it| counter(it).at(1).items()[0] = list([int(7), text("AA")]),
    ),
    (
        "data-empty",
        "No window in the list of them.",
        "IMP-2113",
        |it| it.set(12, list([])),
    ),
    ("data-len-0", "A window of no bytes.", "IMP-2113", |it| {
        data(it, "lot").set(2, int(0))
    }),
    (
        "data-len-over",
        "A window of 65,537 bytes.",
        "IMP-2113",
        |it| data(it, "lot").set(2, int(65_537)),
    ),
    (
        "data-address",
        "A window that ends behind 2^32.",
        "IMP-2113",
        |it| data(it, "lot").set(1, int((1 << 32) - 3)),
    ),
    (
        "data-ascii-len",
        "A window that is longer than its ASCII.",
        "IMP-2113",
        |it| data(it, "label").set(2, int(5)),
    ),
    ("data-source-7", "Source 7.", "IMP-2113", |it| {
        data(it, "lot").set(3, ints(&[7]))
    }),
    ("data-transform-3", "Transform 3.", "IMP-2113", |it| {
        data(it, "bind").set(3, ints(&[2, 3]))
    }),
    ("data-date-unknown", "A date with `%x`.", "IMP-2113", |it| {
        data(it, "made").set(3, list([int(3), text("%x")]))
    }),
    (
        "data-date-long",
        "A date that is longer than its window.",
        "IMP-2113",
        |it| data(it, "made").set(3, list([int(3), text("%Y%m%d%H")])),
    ),
    (
        "data-date-empty",
        "A date without a format.",
        "IMP-2113",
        |it| data(it, "made").set(3, list([int(3), text("")])),
    ),
    (
        "data-test-unknown",
        "A result of a test that is not there.",
        "IMP-2113",
        |it| {
            data(it, "trim").set(3, list([int(6), text("other"), text("trim")]));
        },
    ),
    (
        "data-over-false",
        "A key 6 that is false, which is not written.",
        "IMP-2113",
        |it| data(it, "label").set(6, Cbor::Bool(false)),
    ),
    ("barcode-byte", "A barcode with a byte.", "IMP-2113", |it| {
        it.at(13).at(1).items().push(ints(&[1]))
    }),
    (
        "barcode-range-order",
        "A range whose least is its greatest and one more.",
        "IMP-2113",
        |it| it.at(13).set(2, list([ints(&[3, 2, 51, 50])])),
    ),
    (
        "barcode-range-digits",
        "A range whose greatest has more digits.",
        "IMP-2113",
        |it| it.at(13).set(2, list([ints(&[3, 2, 0, 100])])),
    ),
    (
        "barcode-range-letters",
        "A range over letters.",
        "IMP-2113",
        |it| it.at(13).set(2, list([ints(&[4, 2, 0, 9])])),
    ),
    ("barcode-ranges-3", "Three ranges.", "IMP-2113", |it| {
        it.at(13).set(2, list(vec![ints(&[3, 2, 0, 9]); 3]))
    }),
    (
        "barcode-ranges-none",
        "No range in the list of them.",
        "IMP-2113",
        |it| it.at(13).set(2, list([])),
    ),
    (
        "tests-empty",
        "No test in the list of them.",
        "IMP-2113",
        |it| it.set(14, list([])),
    ),
    ("tests-33", "33 tests.", "IMP-2113", |it| {
        let first = it.at(14).items()[0].clone();
        for number in 0..31 {
            let mut test = first.clone();
            test.set(1, text(format!("t{number}")));
            it.at(14).items().push(test);
        }
    }),
    ("test-twice", "Two tests of one name.", "IMP-2113", |it| {
        test(it).set(1, text("mail"))
    }),
    (
        "test-payload",
        "A test of a payload that is not there.",
        "IMP-2113",
        |it| test(it).set(2, text("other")),
    ),
    ("test-arguments-5", "Five arguments.", "IMP-2113", |it| {
        test(it).set(3, ints(&[1; 5]))
    }),
    (
        "test-arguments-none",
        "No argument in the list of them.",
        "IMP-2113",
        |it| test(it).set(3, list([])),
    ),
    (
        "test-argument-huge",
        "An argument of 2^32.",
        "IMP-2113",
        |it| test(it).set(3, ints(&[1 << 32])),
    ),
    ("test-time-0", "A test of no time.", "IMP-2113", |it| {
        test(it).set(4, int(0))
    }),
    (
        "test-time-over",
        "A test of a day and a millisecond.",
        "IMP-2113",
        |it| test(it).set(4, int(86_400_001)),
    ),
    (
        "test-mailbox",
        "A mailbox without an address.",
        "IMP-2113",
        |it| test(it).set(5, ints(&[1])),
    ),
    (
        "test-place-2",
        "It runs in the place 2.",
        "IMP-2113",
        |it| test(it).set(6, int(2)),
    ),
    (
        "without-tests",
        "A result of a test, and there are no tests.",
        "IMP-2113",
        |it| it.remove(14),
    ),
    (
        "power-map",
        "Power settings without any.",
        "IMP-2113",
        |it| it.set(10, map([])),
    ),
];

fn serial<'a>(directory: &'a mut Cbor, name: &str) -> &'a mut Cbor {
    directory.at(11).named(name)
}

fn definition<'a>(directory: &'a mut Cbor, name: &str) -> &'a mut Cbor {
    serial(directory, name).at(1)
}

/// The counter of `sn`: `A`, and three digits.
fn counter(directory: &mut Cbor) -> &mut Cbor {
    &mut definition(directory, "sn").at(2).items()[1]
}

/// Gives `box` other positions and another encoding.
fn supplied(directory: &mut Cbor, positions: &[&[u64]], encoding: &[u64]) {
    let positions = positions.iter().map(|it| ints(it)).collect::<Vec<_>>();
    definition(directory, "box").set(2, list([int(2), list(positions)]));
    let len = if encoding[0] == 4 { 6 } else { encoding[1] };
    serial(directory, "box").set(3, ints(encoding));
    serial(directory, "box").set(4, int(len));
}

fn data<'a>(directory: &'a mut Cbor, name: &str) -> &'a mut Cbor {
    directory.at(12).named(name)
}

fn test(directory: &mut Cbor) -> &mut Cbor {
    &mut directory.at(14).items()[0]
}

pub fn vectors() -> Vec<Vector> {
    let vector = |(name, about, expect, edit): &(&str, &str, &'static str, Edit)| {
        let sealed = plain().object(ObjectForm::whole().edit(edit)).write();
        Vector::new(&format!("unit-{name}"), about, expect, sealed)
    };
    ROWS.iter().map(vector).collect()
}
