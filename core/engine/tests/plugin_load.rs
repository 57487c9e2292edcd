//! What is loaded, and what is refused before a line of it runs.
#![allow(clippy::unwrap_used)]

mod plugin_support;

use imprint::plugin::{PluginState, PluginStore, sign_manifest};
use plugin_support::{
    FakeTarget, SECRET, compile_broken, compile_template, public_key, root, signed_folder, store_of,
};
use std::fs;

/// The plugin of the template, signed, in a folder of its own.
fn template_folder() -> tempfile::TempDir {
    let build = tempfile::tempdir().unwrap();
    let library = compile_template(build.path());
    signed_folder(&[&library])
}

fn check_refused(store: &PluginStore, family: &str, code: &str, expect: &str) {
    let error = store.family(family).unwrap_err();
    assert!(error.to_string().contains(expect), "{error}");
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn a_plugin_in_c_runs() {
    let folder = template_folder();
    let store = store_of(folder.path());
    let [plugin] = store.list() else {
        panic!("{:?}", store.list())
    };
    assert!(matches!(plugin.state, PluginState::Trusted));
    assert_eq!(
        plugin.manifest.as_ref().unwrap().id,
        "org.example.template-c"
    );

    let family = store.family("template.c").unwrap();
    assert_eq!(family.plugin_version(), "0.1.0");
    assert!(family.has_erase() && family.has_program());
    assert!(family.board().is_some());
    assert_eq!(family.options()[0].name, "USER");
    let mut target = FakeTarget::new(&[("part", "0x12345678"), ("flash.end", "65536")]);
    target.put(
        0x1FF0_0000,
        &[0x78, 0x56, 0x34, 0x12, 1, 2, 3, 4, 5, 6, 7, 8],
    );
    let mut session = family.open(&mut target, "any").unwrap();
    assert_eq!(
        session.identify(&mut target).unwrap(),
        "A1, part 0x12345678"
    );
    assert_eq!(
        session.read_uid(&mut target).unwrap(),
        [1, 2, 3, 4, 5, 6, 7, 8]
    );
    // Nothing has failed. Three words are written: the bytes around the data are ones.
    target.put(0x4000_1008, &[0; 4]);
    session
        .program(&mut target, 0x102, &[1, 2, 3, 4, 5, 6, 7])
        .unwrap();
    let written: Vec<u8> = (0x100..0x10C).map(|at| target.memory[&at]).collect();
    assert_eq!(written, [0xFF, 0xFF, 1, 2, 3, 4, 5, 6, 7, 0xFF, 0xFF, 0xFF]);
    for (address, len) in [(0xFFFF, 2), (0x1_0001, 1), (u64::MAX - 1, 2)] {
        let error = session
            .program(&mut target, address, &vec![0; len])
            .unwrap_err();
        assert_eq!((error.code(), error.address), ("IMP-5101", Some(address)));
    }

    target.put(0x1FF0_0000, &[0]);
    let error = session.identify(&mut target).unwrap_err();
    assert_eq!(
        (error.code(), error.address),
        ("IMP-5107", Some(0x1FF0_0000))
    );
    target.memory.clear();
    let error = session.read_uid(&mut target).unwrap_err();
    assert_eq!(
        (error.code(), error.address),
        ("IMP-5105", Some(0x1FF0_0004))
    );
    assert!(
        error.to_string().contains("nothing answers at 0x1ff00004"),
        "{error}"
    );

    let error = family.open(&mut FakeTarget::new(&[]), "any").err().unwrap();
    assert_eq!(error.code(), "IMP-5101");
    assert!(error.to_string().contains("property `part`"), "{error}");
}

#[test]
fn the_template_builds_with_its_makefile() {
    let folder = tempfile::tempdir().unwrap();
    for file in [
        "plugin.c",
        "board.c",
        "text.c",
        "a1.h",
        "Makefile",
        "exports.map",
    ] {
        fs::copy(
            root().join("plugins/template-c").join(file),
            folder.path().join(file),
        )
        .unwrap();
    }
    let include = fs::canonicalize(root().join("plugins/include")).unwrap();
    let output = std::process::Command::new("make")
        .arg(format!("INCLUDE={}", include.display()))
        .current_dir(folder.path())
        .output()
        .expect("no `make`; install it: apt-get install make");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    sign_manifest(&folder.path().join("libtemplate_c.so"), &SECRET)
        .unwrap()
        .write()
        .unwrap();
    store_of(folder.path()).family("template.c").unwrap();
}

#[test]
fn a_library_that_changed_is_refused() {
    let folder = template_folder();
    let store = store_of(folder.path());
    let library = folder.path().join("libtemplate_c.so");
    let mut bytes = fs::read(&library).unwrap();
    // One bit, in the text of an error: the library would load and run.
    let at = bytes
        .windows(12)
        .position(|window| window == b"whole sector")
        .unwrap();
    bytes[at] ^= 1;
    fs::write(&library, bytes).unwrap();
    check_refused(
        &store,
        "template.c",
        "IMP-5006",
        "changed after it was listed",
    );
    fs::remove_file(&library).unwrap();
    check_refused(&store, "template.c", "IMP-5001", "libtemplate_c.so");
}

#[test]
fn a_loaded_plugin_stays_while_its_file_changes() {
    let folder = template_folder();
    let store = store_of(folder.path());
    let family = store.family("template.c").unwrap();
    fs::write(folder.path().join("libtemplate_c.so"), b"not a library").unwrap();
    let properties = [("part", "0"), ("flash.end", "0")];
    family
        .open(&mut FakeTarget::new(&properties), "any")
        .unwrap();
}

#[test]
fn every_bit_of_manifest_and_signature_counts() {
    let folder = template_folder();
    for name in ["libtemplate_c.plugin.ron", "libtemplate_c.plugin.ron.sig"] {
        let path = folder.path().join(name);
        let original = fs::read(&path).unwrap();
        // The signature's last byte is a line end, which carries nothing.
        let len = if name.ends_with(".sig") {
            original.len() - 1
        } else {
            original.len()
        };
        for bit in 0..len * 8 {
            let mut bytes = original.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            // The same digit in capitals is the same signature.
            if name.ends_with(".sig") && bytes.eq_ignore_ascii_case(&original) {
                continue;
            }
            fs::write(&path, &bytes).unwrap();
            let store = store_of(folder.path());
            assert!(store.family("template.c").is_err(), "{name}: bit {bit}");
        }
        fs::write(&path, original).unwrap();
    }
    store_of(folder.path()).family("template.c").unwrap();
}

#[test]
fn who_signed_is_asked() {
    let folder = template_folder();
    let nobody = PluginStore::open(&[folder.path().into()], &[]).unwrap();
    check_refused(
        &nobody,
        "template.c",
        "IMP-5005",
        "no signature of a trusted key",
    );
    let other = ed25519_dalek::SigningKey::from_bytes(&[8; 32])
        .verifying_key()
        .to_bytes();
    let store = PluginStore::open(&[folder.path().into()], &[other]).unwrap();
    check_refused(
        &store,
        "template.c",
        "IMP-5005",
        "no signature of a trusted key",
    );
    let store = PluginStore::open(&[folder.path().into()], &[other, public_key()]).unwrap();
    store.family("template.c").unwrap();
    // Not a point of the curve.
    let mut key = [0xFF; 32];
    key[0] = 2;
    let error = PluginStore::open(&[], &[key]).unwrap_err();
    assert_eq!(error.code(), "IMP-5014");
}

#[test]
fn what_is_not_on_the_list_is_shown_and_refused() {
    let folder = template_folder();
    fs::remove_file(folder.path().join("libtemplate_c.plugin.ron.sig")).unwrap();
    let store = store_of(folder.path());
    check_refused(
        &store,
        "template.c",
        "IMP-5004",
        "libtemplate_c.plugin.ron.sig` is missing",
    );

    fs::remove_file(folder.path().join("libtemplate_c.plugin.ron")).unwrap();
    let store = store_of(folder.path());
    let [plugin] = store.list() else {
        panic!("{:?}", store.list())
    };
    assert!(plugin.manifest.is_none());
    let PluginState::NotTrusted(error) = &plugin.state else {
        panic!("{plugin:?}")
    };
    assert_eq!(error.code(), "IMP-5004");
    check_refused(&store, "template.c", "IMP-5012", "no plugin has the family");
}

#[test]
fn the_nearest_family_is_named() {
    let folder = template_folder();
    let store = store_of(folder.path());
    let error = store.family("templat.c").unwrap_err();
    assert_eq!(error.code(), "IMP-5012");
    assert_eq!(error.help().unwrap(), "the nearest one is `template.c`");
    let error = store.family("quite.different").unwrap_err();
    assert!(
        error
            .help()
            .unwrap()
            .contains(folder.path().to_str().unwrap()),
        "{error}"
    );
}

#[test]
fn two_plugins_with_one_family() {
    let (first, second) = (template_folder(), template_folder());
    let same = PluginStore::open(
        &[first.path().into(), second.path().into()],
        &[public_key()],
    );
    same.unwrap().family("template.c").unwrap();
    let library = second.path().join("libtemplate_c.so");
    let mut bytes = fs::read(&library).unwrap();
    let at = bytes
        .windows(12)
        .position(|window| window == b"whole sector")
        .unwrap();
    bytes[at] ^= 1;
    fs::write(&library, bytes).unwrap();
    sign_manifest(&library, &SECRET).unwrap().write().unwrap();
    let store = PluginStore::open(
        &[first.path().into(), second.path().into()],
        &[public_key()],
    );
    check_refused(
        &store.unwrap(),
        "template.c",
        "IMP-5013",
        "is in two plugins",
    );
}

#[test]
fn a_missing_folder_is_an_error() {
    let error = PluginStore::open(&["/does/not/exist".into()], &[]).unwrap_err();
    assert_eq!(error.code(), "IMP-5001");
}

/// Compiles a plugin that is wrong in one way and tries to sign it, for which it is loaded.
fn check_broken(name: &str, defines: &[&str], code: &str, expect: &str) {
    let folder = tempfile::tempdir().unwrap();
    let library = compile_broken(folder.path(), name, defines);
    let error = sign_manifest(&library, &SECRET).unwrap_err();
    assert!(error.to_string().contains(expect), "{name}: {error}");
    assert_eq!(error.code(), code, "{name}: {error}");
}

#[test]
fn tables_that_do_not_fit() {
    check_broken(
        "entry",
        &["ENTRY=imprint_plugin_entry_v2"],
        "IMP-5009",
        "exports no imprint_plugin_entry_v1",
    );
    check_broken(
        "null",
        &["NULL_TABLE"],
        "IMP-5010",
        "the entry function returned null",
    );
    check_broken(
        "magic",
        &["MAGIC=0x12345678"],
        "IMP-5010",
        "its magic number is 0x12345678, expected 0x31504d49",
    );
    check_broken(
        "major",
        &["MAJOR=2"],
        "IMP-5010",
        "its major number of the ABI is 0x2, expected 0x1",
    );
    check_broken(
        "minor",
        &["HOST_MINOR=9"],
        "IMP-5010",
        "it needs minor number 9 of the ABI, this program has 0",
    );
    check_broken(
        "size",
        &["PLUGIN_SIZE=48"],
        "IMP-5010",
        "its plugin table has 48 bytes, expected at least 64",
    );
    check_broken(
        "family",
        &["FAMILY_SIZE=8"],
        "IMP-5010",
        "family 0: its table has 8 bytes, expected at least 176",
    );
    check_broken(
        "open",
        &["OPEN=(0 ? family_open : NULL)"],
        "IMP-5010",
        "family 0: `open` and `close` are required",
    );
    check_broken(
        "none",
        &["FAMILY_COUNT=0"],
        "IMP-5010",
        "it has no families",
    );
    check_broken(
        "twice",
        &["FAMILY_COUNT=2"],
        "IMP-5010",
        "the family `test.broken` is there twice",
    );
    check_broken(
        "many",
        &["FAMILY_COUNT=100000"],
        "IMP-5010",
        "expected at most 256",
    );
    check_broken(
        "id",
        &["PLUGIN_ID=\"Broken\""],
        "IMP-5003",
        "is not a reverse domain name",
    );
    check_broken(
        "utf8",
        &["PLUGIN_ID=\"a.\\377\""],
        "IMP-5010",
        "id: not UTF-8",
    );
}

#[test]
fn what_is_no_library() {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libtext.so");
    fs::write(&library, b"just text").unwrap();
    let error = sign_manifest(&library, &SECRET).unwrap_err();
    assert_eq!(error.code(), "IMP-5008");
    assert!(
        !error.to_string().contains("dlopen failed"),
        "the system's reason is shown: {error}"
    );
}

/// A manifest that a trusted key signed, but that says something else than its library.
fn check_manifest(change: (&str, &str), code: &str, expect: &str) {
    use ed25519_dalek::Signer;
    let folder = template_folder();
    let path = folder.path().join("libtemplate_c.plugin.ron");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(change.0), "{text}");
    let text = text.replace(change.0, change.1);
    let message = [b"imprint-plugin-v1\0", text.as_bytes()].concat();
    let signature = ed25519_dalek::SigningKey::from_bytes(&SECRET).sign(&message);
    let digits: String = signature
        .to_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    fs::write(&path, text).unwrap();
    fs::write(folder.path().join("libtemplate_c.plugin.ron.sig"), digits).unwrap();
    check_refused(&store_of(folder.path()), "template.c", code, expect);
}

#[test]
fn manifest_and_library_agree() {
    check_manifest(
        ("org.example.template-c", "org.example.other"),
        "IMP-5011",
        "the id is `org.example.template-c`",
    );
    check_manifest(
        ("0.1.0", "0.2.0"),
        "IMP-5011",
        "the version is `0.1.0`, its manifest says `0.2.0`",
    );
    check_manifest(
        ("\"template.c\",", "\"template.c\", \"other\","),
        "IMP-5011",
        "the list of families is `template.c`",
    );
    check_manifest(("linux", "windows"), "IMP-5007", "is built for");
}
