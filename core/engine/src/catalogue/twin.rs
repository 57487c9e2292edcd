//! Virtual boards and their files.
//!
//! A twin is built of a device file and a plugin, which have to agree.

use super::Entry;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        code: "IMP-7001",
        title: "The unique identifier does not fit the device",
        meaning: "The identifier given for the twin has another length than the device's.",
        cause: "A wrong number of digits after `--uid`.",
        remedy: "Give two hexadecimal digits a byte; the message has the number of bytes.",
    },
    Entry {
        code: "IMP-7002",
        title: "The device has a memory that a twin cannot hold",
        meaning: "A memory is too large, or lies where a twin cannot have one.",
        cause: "A device file with a wrong address or length.",
        remedy: "Correct the device file.",
    },
    Entry {
        code: "IMP-7003",
        title: "A number in the device's twin data is out of range",
        meaning: "A time or size under `twin` in the device file cannot be.",
        cause: "A missing or additional zero in the device file.",
        remedy: "Correct the device file.",
    },
    Entry {
        code: "IMP-7004",
        title: "The family's board could not be built",
        meaning: "The plugin refused to build the chip's peripherals from the device's data.",
        cause: "A device file and a plugin that do not belong together.",
        remedy: "Check that the device file and the family's plugin belong together.",
    },
    Entry {
        code: "IMP-7005",
        title: "The family's board does not know its own saved bytes",
        meaning: "The plugin cannot read what it wrote into the board's file.",
        cause: "The plugin changed since the board was saved.",
        remedy: "Make a new board: `imprint twin new DEVICE -o FILE`.",
    },
    Entry {
        code: "IMP-7006",
        title: "The saved board contradicts its own device",
        meaning: "What is in the board's file does not fit the device that is named in it.",
        cause: "The file was edited.",
        remedy: "Make a new board: `imprint twin new DEVICE -o FILE`.",
    },
    Entry {
        code: "IMP-7007",
        title: "A fault is not written as one",
        meaning: "The text after `--fault` is of none of the known forms.",
        cause: "A typing error.",
        remedy: "`imprint twin new --help` has the forms.",
    },
    Entry {
        code: "IMP-7008",
        title: "More faults than a board takes",
        meaning: "A board has a limit of seeded faults.",
        cause: "A script that adds faults in a loop.",
        remedy: "Give fewer faults.",
    },
    Entry {
        code: "IMP-7009",
        title: "The board's link is none that a probe has",
        meaning: "The packet size or latency of the link is out of its range.",
        cause: "A program that embeds the twin sets odd numbers.",
        remedy: "Use the high-speed or the full-speed link.",
    },
    Entry {
        code: "IMP-7101",
        title: "The board's file cannot be read or written",
        meaning: "The system refuses to read or write the board's file.",
        cause: "A wrong path or missing permission.",
        remedy: "`imprint twin new DEVICE -o FILE` makes a board.",
    },
    Entry {
        code: "IMP-7102",
        title: "The file is not a board",
        meaning: "The file does not parse as a saved board, or is too large for one.",
        cause: "Another file was given, or the board's file was edited.",
        remedy: "`imprint twin new DEVICE -o FILE` makes a board.",
    },
    Entry {
        code: "IMP-7103",
        title: "The system gives no random numbers",
        meaning: "The new board's identifier could not be drawn.",
        cause: "A system without a source of randomness.",
        remedy: "Give an identifier: `--uid HEX`.",
    },
    Entry {
        code: "IMP-7110",
        title: "A message of a served board's client is too long",
        meaning: "A program sent more bytes without an end of frame or line than any message of its protocol has. It was \
                  disconnected; the board is served on.",
        cause: "The program speaks another protocol than this address, or is no debugger.",
        remedy: "Connect it to the address of its protocol.",
    },
    Entry {
        code: "IMP-7111",
        title: "A frame of a Glasgow client is none",
        meaning: "What came over the address of `--glasgow` is not framed as the applet's messages are. The client was \
                  disconnected; the board is served on.",
        cause: "The program speaks another protocol than this address.",
        remedy: "Connect it to the address of its protocol.",
    },
    Entry {
        code: "IMP-7112",
        title: "A Glasgow client sent an unknown command",
        meaning: "The applet has no such command. The client was disconnected; the board is served on.",
        cause: "Another program, or a probe-rs whose applet is newer than `probe-rs,v01`.",
        remedy: "Use probe-rs 0.32, or connect the program to the address of its protocol.",
    },
    Entry {
        code: "IMP-7113",
        title: "A line of a pyOCD client is no request",
        meaning: "A line that came over the address of `--pyocd` is not a JSON object with `id` and `request`. The client \
                  was disconnected; the board is served on.",
        cause: "The program speaks another protocol than this address.",
        remedy: "Connect it to the address of its protocol.",
    },
    Entry {
        code: "IMP-7114",
        title: "A remote_bitbang client sent an unknown character",
        meaning: "The characters of JTAG are 0 to 7, R, r to u, B, b and Q. The client was disconnected; the board is \
                  served on.",
        cause: "Another program, or an OpenOCD that wants serial wire (O, o, c to g): this address has JTAG.",
        remedy: "Select JTAG in OpenOCD: `transport select jtag`.",
    },
    Entry {
        code: "IMP-7120",
        title: "An address cannot be listened at",
        meaning: "The system refuses to open the address that a board was to be served at.",
        cause: "Another program has the port, the file is there already, or the address is not of this machine.",
        remedy: "Name another port, or port 0 for any free one.",
    },
];
