//! Texts that people write: recipes, devices, script files of another programmer.

use imprint_device::Device;
use imprint_image::{Recipe, container::Policy, keys::KeyError, serial::DefinitionSource};
use imprint_legacy::Options;
use std::sync::LazyLock;

pub(crate) fn recipe(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(mut recipe) = Recipe::parse("recipe.ron", text)
    {
        let _ = recipe.set("batch=8");
    }
}

pub(crate) fn device(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(device) = Device::parse("device.ron", text)
    {
        let flash = device.main_flash();
        let _ = flash.and_then(|flash| device.memory_at(flash.start, 1));
    }
}

/// A definition; its values are all different, and each is found again by its text.
pub(crate) fn serial(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Ok(source) = DefinitionSource::parse("sn.serial.ron", text) else {
        return;
    };
    let Ok(definition) = source.freeze("sn.serial.ron", None) else {
        return;
    };
    let _ = (
        definition.hash(),
        definition.supplied("A0001"),
        definition.is_list(),
    );
    let count = definition.count().unwrap_or_default();
    let middle = [0, 1, count / 3, count / 2];
    for index in middle.into_iter().chain([count.saturating_sub(1)]) {
        let value = definition.value(index, &[]);
        let is_counted = index < count && !definition.is_list();
        assert_eq!(value.is_some(), is_counted, "value {index} of {count}");
        if let Some(value) = value {
            let found = definition.index_of(&value.text, &[]);
            assert_eq!(found, Some(index), "{:?}", value.text);
        }
    }
    assert!(
        definition.value(count, &[]).is_none(),
        "a value past the last"
    );
}

/// Rules, a zero byte, and a text that was scanned.
pub(crate) fn barcode(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (rules, scanned) = text.split_once('\0').unwrap_or((text, "SN-00A"));
    let recipe = format!("(name: \"n\", device: \"d\", script: \"m.rhai\", barcode: {rules})");
    let recipe = Recipe::parse("recipe.ron", &recipe);
    if let Some(rules) = recipe.ok().and_then(|recipe| recipe.barcode) {
        assert_eq!(rules.matches(scanned), rules.check(scanned).is_ok());
    }
}

/// What a policy restricts, its stations' files being unreadable.
pub(crate) fn policy(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(policy) = Policy::parse("policy.ron", text)
        && let Ok(restrictions) = policy.restrictions("policy.ron", |_| Err(KeyError::NotAKey))
    {
        assert_eq!(
            restrictions.check(),
            Ok(()),
            "sealing would refuse what a policy may say"
        );
    }
}

static DEVICE: LazyLock<Option<Device>> = LazyLock::new(|| {
    let text = include_str!("../../../core/image/tests/fixtures/device.ron");
    Device::parse("device.ron", text).ok()
});

/// The recipe that comes of an import is always sound.
pub(crate) fn cfg(bytes: &[u8]) {
    let text = imprint_legacy::decode(bytes);
    let placeholder = text.contains("/PARAM1/").then(|| (1, "x y".to_owned()));
    let options = Options {
        file: "any.cfg",
        device: DEVICE.as_ref(),
        parameters: placeholder.into_iter().collect(),
    };
    if let Ok(imported) = imprint_legacy::import(&text, &options) {
        let recipe = Recipe::parse("recipe.ron", &imported.recipe);
        assert!(recipe.is_ok(), "{recipe:?}\n{}", imported.recipe);
    }
}
