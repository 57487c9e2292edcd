//! `firmware`: builds what is in `tests/firmware/out` from the C sources beside it.
//!
//! The outputs are committed, so that tests need no cross compiler. They are reproducible with the compiler that the
//! folder's README names: no paths, no times.

use crate::{Result, process, setup, uf2, workspace};
use std::{fs, path::Path};

/// One firmware: an ELF and the same bytes in the other formats.
struct Firmware {
    name: &'static str,
    cpu: &'static str,
    /// Linker script in `link/`.
    link: &'static str,
    /// Address of the first byte.
    address: u32,
    /// Family id of the UF2 file, where the list of ids has one
    /// (<https://github.com/microsoft/uf2/blob/master/utils/uf2families.json>).
    uf2_family: Option<u32>,
    defines: &'static [&'static str],
    sources: &'static [&'static str],
}

const APPLICATION: &[&str] = &["src/heartbeat.c", "src/startup.c", "src/crc32.c"];

const MAILBOX: &[&str] = &["src/mailbox_test.c", "src/mailbox.c"];

const ALL: &[Firmware] = &[
    Firmware {
        name: "selftest",
        cpu: "cortex-m0",
        link: "selftest.ld",
        address: 0x2000_0000,
        uf2_family: None,
        defines: &[],
        sources: &["src/selftest.c", "src/semihosting.c", "src/crc32.c"],
    },
    Firmware {
        name: "mailbox-ram",
        cpu: "cortex-m0",
        link: "mailbox-ram.ld",
        address: 0x2000_0000,
        uf2_family: None,
        defines: &[],
        sources: MAILBOX,
    },
    Firmware {
        name: "mailbox-flash-0",
        cpu: "cortex-m0",
        link: "mailbox-flash-0.ld",
        address: 0x8000,
        uf2_family: None,
        defines: &[],
        sources: MAILBOX,
    },
    Firmware {
        name: "mailbox-flash-8",
        cpu: "cortex-m0",
        link: "mailbox-flash-8.ld",
        address: 0x0800_8000,
        uf2_family: None,
        defines: &[],
        sources: MAILBOX,
    },
    Firmware {
        name: "heartbeat-nrf52832",
        cpu: "cortex-m4",
        link: "nrf52832.ld",
        address: 0,
        uf2_family: Some(0x1B57_745F),
        defines: &["-DHAS_SYSTICK", "-DCORE_CLOCK_HZ=64000000"],
        sources: APPLICATION,
    },
    Firmware {
        name: "heartbeat-nrf51822",
        cpu: "cortex-m0",
        link: "nrf51822.ld",
        address: 0,
        uf2_family: None,
        defines: &[],
        sources: APPLICATION,
    },
    Firmware {
        name: "heartbeat-stm32f103c8",
        cpu: "cortex-m3",
        link: "stm32f103c8.ld",
        address: 0x0800_0000,
        uf2_family: Some(0x5EE2_1072),
        defines: &["-DHAS_SYSTICK", "-DCORE_CLOCK_HZ=8000000"],
        sources: APPLICATION,
    },
    Firmware {
        name: "heartbeat-stm32f030c8",
        cpu: "cortex-m0",
        link: "stm32f030c8.ld",
        address: 0x0800_0000,
        uf2_family: Some(0x6478_24B6),
        defines: &["-DHAS_SYSTICK", "-DCORE_CLOCK_HZ=8000000"],
        sources: APPLICATION,
    },
    Firmware {
        name: "heartbeat-stm32f407vg",
        cpu: "cortex-m4",
        link: "stm32f407vg.ld",
        address: 0x0800_0000,
        uf2_family: Some(0x5775_5A57),
        defines: &["-DHAS_SYSTICK", "-DCORE_CLOCK_HZ=16000000"],
        sources: APPLICATION,
    },
];

const OPTIONS: &[&str] = &[
    "-mthumb",
    "-std=c17",
    "-Os",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-ffreestanding",
    "-nostdlib",
    // There is no C library whose memcpy a recognised loop could call.
    "-fno-tree-loop-distribute-patterns",
    "-ffile-prefix-map=./=",
    "-Wl,--build-id=none",
    "-Iinclude",
    "-Llink",
];

/// Builds all of it.
pub fn run() -> Result<()> {
    setup::for_firmware()?;
    let folder = workspace::root().join("tests/firmware");
    for firmware in ALL {
        build(&folder, firmware)?;
    }
    build_flash_algorithm(&folder)
}

/// A flash algorithm as a pack has one: position independent, code and data in sections of their names.
fn build_flash_algorithm(folder: &Path) -> Result<()> {
    let file = "out/own_nrf52.FLM";
    let mut compile = process::command(folder, "arm-none-eabi-gcc", OPTIONS);
    compile
        .args(["-mcpu=cortex-m4", "-Tflm.ld"])
        .args(["src/flm_nrf52.c", "-o", file]);
    process::run(&mut compile)?;
    process::run(&mut process::command(folder, "chmod", ["a-x", file]))
}

fn build(folder: &Path, firmware: &Firmware) -> Result<()> {
    let elf = format!("{}.elf", firmware.name);
    let mut compile = process::command(folder, "arm-none-eabi-gcc", OPTIONS);
    compile
        .arg(format!("-mcpu={}", firmware.cpu))
        .args(firmware.defines)
        .arg(format!("-T{}", firmware.link))
        .args(firmware.sources)
        .args(["-o", &format!("out/{elf}")]);
    process::run(&mut compile)?;

    let out = folder.join("out");
    // In the folder, because an S-record file begins with the name as it was typed.
    for (format, extension) in [("ihex", "hex"), ("srec", "srec"), ("binary", "bin")] {
        let file = format!("{}.{extension}", firmware.name);
        let arguments = ["-O", format, &elf, &file];
        process::run(&mut process::command(
            &out,
            "arm-none-eabi-objcopy",
            arguments,
        ))?;
    }

    let name = |extension: &str| format!("{}.{extension}", firmware.name);
    // The compiler and objcopy mark as executable what no system executes.
    let files = ["elf", "srec", "bin"].map(name);
    process::run(process::command(&out, "chmod", ["a-x"]).args(files))?;

    let explain = |error| format!("{}: {error}", name("uf2"));
    let bytes = fs::read(out.join(name("bin"))).map_err(explain)?;
    let uf2 = uf2::encode(firmware.address, &bytes, firmware.uf2_family);
    fs::write(out.join(name("uf2")), uf2).map_err(explain)
}
