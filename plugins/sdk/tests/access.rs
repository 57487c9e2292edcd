//! Parts of words.

use imprint_plugin::{Access, Master};

fn check(address: u32, size: u8, read: u32, written: u32) {
    let access = Access {
        master: Master::Core,
        address,
        size,
    };
    assert_eq!(access.word_address(), 0x4000_0100);
    assert_eq!(
        access.read_from(0x4433_2211),
        read,
        "read of {size} at {address:#x}"
    );
    assert_eq!(
        access.written_to(0x4433_2211, 0xFFFF_EEDD),
        written,
        "write of {size} at {address:#x}"
    );
}

#[test]
fn parts_of_words() {
    check(0x4000_0100, 4, 0x4433_2211, 0xFFFF_EEDD);
    check(0x4000_0100, 2, 0x2211, 0x4433_EEDD);
    check(0x4000_0102, 2, 0x4433, 0xEEDD_2211);
    check(0x4000_0100, 1, 0x11, 0x4433_22DD);
    check(0x4000_0103, 1, 0x44, 0xDD33_2211);
}
