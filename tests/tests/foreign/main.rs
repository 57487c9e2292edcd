//! Debuggers that nobody here wrote, on a board that is served: OpenOCD by JTAG, pyOCD by serial wire.
//!
//! They erase, program, verify, read the identifier and run code with their own drivers and their own flash code. What
//! they wrote is then read by our own engine, and a board that is broken on purpose makes them fail.
#![allow(clippy::unwrap_used)]

mod openocd;
mod pyocd;
mod tool;

use imprint_tests::{Chip, Recipe, Served, Workshop, crc32};

/// What an application leaves in RAM, as `tests/firmware/include/heartbeat.h` has it.
const HEARTBEAT_MAGIC: u32 = 0x5441_4548;

/// A workshop with a board that is served, and everything that a tool is given.
struct Bench {
    workshop: Workshop,
    served: Served,
    chip: Chip,
}

/// The board's file.
const BOARD: &str = "board.twin";

impl Bench {
    fn new(chip: &Chip, faults: &[&str]) -> Bench {
        let workshop = Workshop::new();
        let options: Vec<&str> = faults.iter().flat_map(|fault| ["--fault", fault]).collect();
        workshop.twin(BOARD, chip.device, &options);
        for (name, bytes) in [
            ("firmware.bin", chip.firmware("bin")),
            ("firmware.elf", chip.firmware("elf")),
            ("selftest.elf", Chip::selftest()),
        ] {
            workshop.write(name, bytes);
        }
        let served = Served::new(&workshop, &format!("./{BOARD}"), &[]);
        Bench {
            workshop,
            served,
            chip: *chip,
        }
    }

    /// The words of the unique identifier, as tools print them: without `0x`, parted by a space.
    fn uid_words(&self) -> String {
        let uid = self.served.said("uid");
        let word = |digits: &[u8]| -> String {
            let bytes = digits.chunks(2).rev();
            bytes
                .map(|it| String::from_utf8_lossy(it).into_owned())
                .collect()
        };
        let words: Vec<String> = uid.as_bytes().chunks(8).map(word).collect();
        words.join(" ")
    }

    /// The first words of the heartbeat's `image_crc` line, as tools print them.
    fn image_crc(&self) -> String {
        format!("{:08x}", crc32(&self.chip.firmware("bin")))
    }

    /// Ends the service, and compares what the board holds with the firmware, as our own engine reads it.
    fn holds_the_firmware(self) {
        self.served.stop().passes();
        let script = "fn main(unit) { unit.connect(); }\n";
        let recipe = Recipe::new(self.chip.device, script);
        let image = self.workshop.image("reader", &recipe);
        let dump = format!(
            "{:#x}:{}=flash.bin",
            self.chip.flash_start, self.chip.flash_len
        );
        let on = format!("twin:{BOARD}");
        let run = self.workshop.run_with(&image, &on, &["--dump", &dump]);
        run.passed();
        let (flash, firmware) = (self.workshop.read("flash.bin"), self.chip.firmware("bin"));
        assert_eq!(flash[..firmware.len()], firmware[..]);
        assert!(flash[firmware.len()..].iter().all(|byte| *byte == 0xFF));
    }
}

/// A bit that keeps the value that the firmware does not want.
fn stuck(chip: &Chip) -> String {
    let (offset, bit) = (0x100, 3);
    let wanted = chip.firmware("bin")[offset] >> bit & 1;
    let address = chip.flash_start + offset as u64;
    format!("stuck@{address:#x}.{bit}={}", 1 - wanted)
}

/// Both on one board, one after the other and with both addresses open: each finds what the other left.
#[test]
fn they_share_a_board() {
    let bench = Bench::new(&imprint_tests::F103, &[]);
    openocd::program(&bench).passes();
    let compared = pyocd::run(&bench, &["compare 0x08000000 firmware.bin".into()]).passes();
    assert!(compared.stdout.contains("bytes match"), "{compared}");
    let erased = pyocd::run(&bench, &["erase".into()]).passes();
    let verified = openocd::run(&bench, &["init", "halt", "verify_image firmware.elf"]);
    assert_eq!(verified.exit, 1, "{erased}\n{verified}");
    openocd::program(&bench).passes();
    bench.holds_the_firmware();
}
