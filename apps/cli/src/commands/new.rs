//! `imprint new`: a project that builds and runs at once.

use crate::{
    exit::Exit,
    failure::{Result, argument, unwritable},
    folder,
    options::New,
    output::Output,
    places::Places,
    render::visible,
};
use imprint::device::Device;
use serde_json::json;
use std::path::Path;

const RECIPE: &str = include_str!("../../templates/recipe.ron");
const SCRIPT: &str = include_str!("../../templates/script.rhai");
const TEST: &str = include_str!("../../templates/script_test.rhai");
const README: &str = include_str!("../../templates/README.md");
/// A file called `.gitignore` in the templates would act there.
const GITIGNORE: &str = include_str!("../../templates/gitignore");
/// Test code for the RAM of every Cortex-M with 4 KiB at 0x20000000.
const SELFTEST: &[u8] = include_bytes!("../../templates/selftest.hex");

/// A small application for each device of this repository, built from `tests/firmware`.
const FIRMWARE: [(&str, &[u8]); 5] = [
    (
        "nRF52832_xxAA",
        include_bytes!("../../templates/heartbeat-nrf52832.hex"),
    ),
    (
        "nRF51822_xxAA",
        include_bytes!("../../templates/heartbeat-nrf51822.hex"),
    ),
    (
        "STM32F103C8",
        include_bytes!("../../templates/heartbeat-stm32f103c8.hex"),
    ),
    (
        "STM32F030C8",
        include_bytes!("../../templates/heartbeat-stm32f030c8.hex"),
    ),
    (
        "STM32F407VG",
        include_bytes!("../../templates/heartbeat-stm32f407vg.hex"),
    ),
];

/// Length of the pattern that stands in for firmware where there is none, in bytes.
const PATTERN_LEN: u64 = 1024;
/// Longest name of a recipe.
const NAME_LEN_MAX: usize = imprint::image::limits::NAME_LEN_MAX;

pub fn run(options: &New, places: &Places, output: &Output) -> Result {
    let devices = places.devices()?;
    let device = devices.get(&options.device)?;
    let found = devices.iter().find(|(known, _)| known.name == device.name);
    let option = found.map_or_else(String::new, |(_, file)| places.option_of_device(file));
    let name = project_name(&options.dir)?;
    let files = project(&name, device)?;
    folder::write_all(&options.dir, &files)?;

    let dir = options.dir.display();
    let told = json!({
        "dir": dir.to_string(),
        "name": name,
        "device": device.name,
        "files": files.iter().map(|(name, _)| name).collect::<Vec<_>>(),
    });
    output.done(&told, || {
        let files: String = files
            .iter()
            .map(|(name, _)| format!("  {dir}/{name}\n"))
            .collect();
        format!(
            "made {dir} for {}\n{files}next: imprint build {dir}/recipe.ron -o {name}.sapobj{option}",
            visible(&device.name)
        )
    })?;
    Ok(Exit::Pass)
}

/// A file of the project: its name and its bytes.
type ProjectFile = (&'static str, Vec<u8>);

fn project(name: &str, device: &Device) -> Result<Vec<ProjectFile>> {
    let known = FIRMWARE.iter().find(|(known, _)| *known == device.name);
    let (firmware, firmware_bytes) = match known {
        Some((_, bytes)) => ("firmware.hex", bytes.to_vec()),
        None => ("firmware.bin", pattern(device)?),
    };
    let firmware_source = match known {
        Some(_) => "file: \"firmware.hex\"".to_string(),
        None => format!(
            "file: \"firmware.bin\", address: {:#x}",
            flash_start(device)?
        ),
    };
    let start = format!("{:#x}", flash_start(device)?);
    let fill = |text: &str| {
        let (payload, test, what) = match known {
            Some(_) => (
                SELFTEST_PAYLOAD,
                SELFTEST_CALL,
                "the `.hex` files are a small application and test code.",
            ),
            None => (
                "",
                "",
                "`firmware.bin` is a pattern: put your firmware in its place.",
            ),
        };
        let selftest = if text == RECIPE { payload } else { test };
        text.replace("{name}", name)
            .replace("{device}", &device.name)
            .replace("{firmware}", &firmware_source)
            .replace("{selftest}", selftest)
            .replace("{uid}", uid_line(text, device))
            .replace("{start}", &start)
            .replace("{files}", what)
            .into_bytes()
    };
    let mut files = vec![
        ("recipe.ron", fill(RECIPE)),
        ("script.rhai", fill(SCRIPT)),
        ("script_test.rhai", fill(TEST)),
        (firmware, firmware_bytes),
        ("README.md", fill(README)),
        (".gitignore", GITIGNORE.into()),
    ];
    if known.is_some() {
        files.insert(4, ("selftest.hex", SELFTEST.to_vec()));
    }
    Ok(files)
}

const SELFTEST_PAYLOAD: &str = "        \"selftest\": Payload(file: \"selftest.hex\"),\n";
const UID_CALL: &str = "    unit.record(\"uid\", chip.uid());\n";
const UID_TEST: &str = "    assert_eq(result.records.uid, hex(bench.uid));\n";
const SELFTEST_CALL: &str = "
    // Test code in the target's RAM: it computes the CRC of what was programmed.
    let test = chip.run_test(unit.payload(\"selftest\"), #{
        timeout_ms: 2000,
        args: [firmware.start, firmware.len],
    });
    unit.record(\"core\", test.core);
    unit.record(\"crc\", test.crc);
";

/// What script and test do with the identifier, where there is one.
fn uid_line(text: &str, device: &Device) -> &'static str {
    match (&device.uid, text == TEST) {
        (None, _) => "",
        (Some(_), false) => UID_CALL,
        (Some(_), true) => UID_TEST,
    }
}

/// The words 0, 1, 2 ..: a mistake in an address shows in a dump.
fn pattern(device: &Device) -> Result<Vec<u8>> {
    let len = device
        .main_flash()
        .map_or(0, |flash| flash.len)
        .min(PATTERN_LEN);
    if len == 0 {
        return Err(no_flash(device));
    }
    Ok((0..len as u32 / 4).flat_map(u32::to_le_bytes).collect())
}

fn flash_start(device: &Device) -> Result<u64> {
    Ok(device.main_flash().ok_or_else(|| no_flash(device))?.start)
}

fn no_flash(device: &Device) -> crate::failure::Failures {
    argument(
        format!("device `{}` has no flash to program", device.name),
        "write the recipe by hand: `docs/script-guide.md`",
    )
    .into()
}

/// The name of the recipe: the folder's, as far as a recipe may be called so.
fn project_name(dir: &Path) -> Result<String> {
    let absolute = std::path::absolute(dir).map_err(|error| unwritable(dir, error))?;
    let folder = absolute.file_name().unwrap_or_default().to_string_lossy();
    let name: String = folder
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || "-_.".contains(c) {
                c
            } else {
                '-'
            }
        })
        .skip_while(|c| !c.is_ascii_alphanumeric())
        .take(NAME_LEN_MAX)
        .collect();
    match name.is_empty() {
        true => Err(argument(
            format!("`{}` does not name a project", dir.display()),
            "choose a folder whose name has a letter or a digit",
        )
        .into()),
        false => Ok(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_the_firmware_that_the_tests_use() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/firmware/out");
        for (name, bytes) in [
            ("heartbeat-nrf52832.hex", FIRMWARE[0].1),
            ("heartbeat-nrf51822.hex", FIRMWARE[1].1),
            ("heartbeat-stm32f103c8.hex", FIRMWARE[2].1),
            ("heartbeat-stm32f030c8.hex", FIRMWARE[3].1),
            ("heartbeat-stm32f407vg.hex", FIRMWARE[4].1),
            ("selftest.hex", SELFTEST),
        ] {
            let built = std::fs::read(folder.join(name)).unwrap_or_default();
            assert!(
                built == bytes,
                "copy tests/firmware/out/{name} to apps/cli/templates"
            );
        }
    }

    #[test]
    fn names_of_projects() {
        for (dir, name) in [
            ("a/sensor-node", "sensor-node"),
            ("my project", "my-project"),
            (".hidden", "hidden"),
            ("x/ünïcode1", "n-code1"),
        ] {
            assert_eq!(
                project_name(Path::new(dir)).ok().as_deref(),
                Some(name),
                "{dir}"
            );
        }
        assert!(project_name(Path::new("/")).is_err());
        assert!(project_name(Path::new("---")).is_err());
    }
}
