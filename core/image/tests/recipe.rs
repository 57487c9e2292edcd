//! Recipes: what is read, and every mistake with its place.
#![allow(clippy::unwrap_used, missing_docs)]

use imprint_image::recipe::{
    FolderSources, Limits, MemorySources, Recipe, RelativePath, Right, Sources,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

const WHOLE: &str = r#"// A sensor node.
Recipe(
    name: "sensor-node",
    device: "nRF52832_xxAA",
    script: "script.rhai",
    modules: ["lib/common.rhai"],
    payloads: {
        "firmware": Payload(file: "firmware.elf"),
        "blob": Payload(file: "x.bin", address: 0x1000, format: raw, window: true),
    },
    rights: [mass_erase, unlock_by_erase, option_bytes, one_time, protect],
    settings: { "batch": "7" },
    limits: Limits(unit_time_ms: 1000),
)
"#;

#[test]
fn a_whole_recipe() {
    let recipe = Recipe::parse("recipe.ron", WHOLE).unwrap();
    assert_eq!(recipe.name.as_str(), "sensor-node");
    assert_eq!(recipe.rights, BTreeSet::from(Right::ALL));
    let blob = &recipe.payloads["blob"];
    assert_eq!((blob.address, blob.window), (Some(0x1000), true));
    let Limits {
        unit_time_ms,
        script_time_ms,
    } = recipe.limits;
    assert_eq!((unit_time_ms, script_time_ms), (1000, 5000));
}

#[test]
fn the_least_recipe() {
    let text = r#"(name: "a", device: "b", script: "c")"#;
    let recipe = Recipe::parse("recipe.ron", text).unwrap();
    assert_eq!(recipe.limits, Limits::default());
    assert!(recipe.payloads.is_empty() && recipe.rights.is_empty());
}

/// The advice where nothing better is known.
const GENERAL: &str = "the README of `imprint new` shows a whole recipe";

/// Replaces `from` by `to` in the whole recipe, and looks at the error.
fn check_bad(from: &str, to: &str, code: &str, message: &str, help: &str) {
    assert!(WHOLE.contains(from), "{from}");
    let error = Recipe::parse("recipe.ron", &WHOLE.replacen(from, to, 1)).expect_err(to);
    assert_eq!(error.code(), code, "{error}");
    assert!(error.to_string().starts_with(message), "{error}\n{message}");
    assert_eq!(error.help().unwrap_or_default(), help, "{error}");
}

#[test]
fn mistakes_have_their_place() {
    for (from, to, code, message, help) in [
        (
            "script:",
            "scirpt:",
            "IMP-1022",
            "recipe.ron:5:5: unknown field `scirpt`",
            "did you mean `script`?",
        ),
        (
            "window:",
            "windwo:",
            "IMP-1022",
            "recipe.ron:9:70: unknown field `windwo`",
            "did you mean `window`?",
        ),
        (
            "protect]",
            "protct]",
            "IMP-1022",
            "recipe.ron:11:67: unknown value `protct`",
            "did you mean `protect`?",
        ),
        (
            "format: raw",
            "format: hxe",
            "IMP-1022",
            "recipe.ron:9:65: unknown value `hxe`",
            "known are: elf, hex, srec, uf2, raw",
        ),
        (
            "device:",
            "zzzzzz:",
            "IMP-1022",
            "recipe.ron:4:5: unknown field `zzzzzz`",
            "known are: name, device, script, modules, payloads, rights, settings, limits, link, power, serials, data, barcode, tests",
        ),
        (
            "unit_time_ms: 1000",
            "unit_time_ms: 0",
            "IMP-1021",
            "recipe.ron:13:34: expected 1 to 86400000 ms, found 0 ms",
            GENERAL,
        ),
        (
            "unit_time_ms: 1000",
            "script_time_ms: 3600001",
            "IMP-1021",
            "recipe.ron:13:36: expected 1 to 3600000 ms",
            GENERAL,
        ),
        (
            "    name: \"sensor-node\",\n",
            "",
            "IMP-1021",
            "recipe.ron:13:1: Unexpected missing field named `name`",
            GENERAL,
        ),
        (
            "\"sensor-node\"",
            "\"a b\"",
            "IMP-1021",
            "recipe.ron:3:12: expected a name",
            GENERAL,
        ),
        (
            "\"blob\"",
            "\"firmware\"",
            "IMP-1021",
            "recipe.ron:9:10: `firmware` is given twice",
            GENERAL,
        ),
        (
            "one_time",
            "protect",
            "IMP-1021",
            "recipe.ron:11:73: `protect` is given twice",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "\"../x.bin\"",
            "IMP-1021",
            "recipe.ron:9:32: path \"../x.bin\": expected a path inside",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "\"/x.bin\"",
            "IMP-1021",
            "recipe.ron:9:32: path \"/x.bin\": expected a path relative",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "\"a//x.bin\"",
            "IMP-1021",
            "recipe.ron:9:32: path \"a//x.bin\"",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "\"C:x.bin\"",
            "IMP-1021",
            "recipe.ron:9:32: path \"C:x.bin\"",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "r\"a\\x.bin\"",
            "IMP-1021",
            "recipe.ron:9:33: path",
            GENERAL,
        ),
        (
            "\"x.bin\"",
            "\"\"",
            "IMP-1021",
            "recipe.ron:9:32: path",
            GENERAL,
        ),
        ("0x1000", "-1", "IMP-1021", "recipe.ron:9:", GENERAL),
        (
            ")\n",
            "",
            "IMP-1021",
            "recipe.ron:13:40: Unexpected end",
            GENERAL,
        ),
    ] {
        check_bad(from, to, code, message, help);
    }
    let huge = format!("{WHOLE}{}", " ".repeat(1 << 20));
    assert_eq!(Recipe::parse("r", &huge).unwrap_err().code(), "IMP-1020");
    let deep = "[".repeat(100_000);
    assert_eq!(Recipe::parse("r", &deep).unwrap_err().code(), "IMP-1021");
}

#[test]
fn settings_are_replaced_only_where_they_exist() {
    let mut recipe = Recipe::parse("recipe.ron", WHOLE).unwrap();
    recipe.set("batch=8=9").unwrap();
    assert_eq!(recipe.settings["batch"].as_str(), "8=9");
    let error = recipe.set("bach=8").unwrap_err();
    assert_eq!(
        (error.code(), error.help().unwrap().as_str()),
        ("IMP-1023", "did you mean `batch`?")
    );
    assert_eq!(recipe.set("batch").unwrap_err().code(), "IMP-1024");
    assert_eq!(
        recipe
            .set(&format!("batch={}", "x".repeat(5000)))
            .unwrap_err()
            .code(),
        "IMP-1024"
    );
}

#[test]
fn files_are_read_from_the_folder_and_nowhere_else() {
    let outer = tempfile::tempdir().unwrap();
    let folder = outer.path().join("recipe");
    std::fs::create_dir_all(folder.join("sub")).unwrap();
    std::fs::write(outer.path().join("secret"), "no").unwrap();
    std::fs::write(folder.join("sub/file"), "12345").unwrap();
    let sources = FolderSources::new(&folder).unwrap();
    let read = |path: &str, len_max| {
        let path = RelativePath::try_from(path.to_owned()).unwrap();
        sources.read(&path, len_max).map_err(|error| error.code())
    };
    assert_eq!(read("sub/file", 5), Ok(b"12345".to_vec()));
    assert_eq!(read("sub/file", 4), Err("IMP-1033"));
    assert_eq!(read("sub", 5), Err("IMP-1032"));
    assert_eq!(read("sub/none", 5), Err("IMP-1030"));
    assert_eq!(read("sub/file/none", 5), Err("IMP-1030"));
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("../secret", folder.join("out")).unwrap();
        std::os::unix::fs::symlink("..", folder.join("up")).unwrap();
        std::os::unix::fs::symlink("sub/file", folder.join("in")).unwrap();
        assert_eq!(read("out", 5), Err("IMP-1031"));
        assert_eq!(read("up/secret", 5), Err("IMP-1031"));
        assert_eq!(read("in", 5), Ok(b"12345".to_vec()));
    }
    let memory = MemorySources([("a".to_owned(), vec![1, 2])].into());
    let path = RelativePath::try_from("a".to_owned()).unwrap();
    assert_eq!(memory.read(&path, 2), Ok(vec![1, 2]));
    assert_eq!(memory.read(&path, 1).unwrap_err().code(), "IMP-1033");
    assert!(FolderSources::new(&outer.path().join("none")).is_err());
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,300}") {
        let _ = Recipe::parse("r", &text);
    }

    #[test]
    fn no_damage_makes_it_panic(index in 0..WHOLE.len(), replacement in ".{0,3}") {
        let text = [&WHOLE[..index], &replacement, &WHOLE[index + 1..]].concat();
        let _ = Recipe::parse("r", &text);
    }
}
