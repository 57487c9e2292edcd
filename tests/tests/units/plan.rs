//! The plan of an image at work.

use crate::{code, flash, image, passed};
use imprint_tests::{Direct, NRF52, Recipe, Workshop, random_bytes};

#[test]
fn the_plan_erases_what_is_needed_in_the_shorter_way() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let erased = |rights: &[&'static str], len: usize, call: &str| {
        let body = format!(
            "    {call}\n    chip.program(unit.payload(\"firmware\"));\n    chip.verify_crc(unit.payload(\"firmware\"));"
        );
        let recipe = Recipe::with_body(&body).raw("firmware", 0x1000, random_bytes(2, len));
        let recipe = rights
            .iter()
            .fold(recipe, |recipe, right| recipe.right(right));
        let twin = direct.twin(NRF52.device);
        let report = direct.run(&image(&workshop, &recipe), &twin);
        passed(&report);
        assert_eq!(flash(&twin, 0x1000, len), random_bytes(2, len));
        let len: u64 = report.changes.erased.iter().map(|range| range.len).sum();
        (len, report.time.virtual_us.unwrap())
    };
    let (few, few_us) = erased(&["mass_erase"], 0x2000, "chip.erase_for_image();");
    assert_eq!(few, 0x2000, "two sectors are erased sooner than all");
    let (all, by_plan) = erased(&["mass_erase"], 0x2_0000, "chip.erase_for_image();");
    assert_eq!(all, 0x8_0000, "all is erased sooner than 32 sectors");
    let (sectors, by_payload) = erased(&[], 0x2_0000, "chip.erase_for_image();");
    assert_eq!(sectors, 0x2_0000, "without the right, sector by sector");
    let (_, all_us) = erased(&["mass_erase"], 0x2000, "chip.erase();");
    assert!(few_us < all_us, "{few_us} us, {all_us} us");
    assert!(by_plan < by_payload, "{by_plan} us, {by_payload} us");
    let (sectors, _) = erased(&[], 0x2_0000, "chip.erase(unit.payload(\"firmware\"));");
    assert_eq!(sectors, 0x2_0000);
}

#[test]
fn a_wrong_byte_is_named_though_sums_are_compared() {
    let workshop = Workshop::new();
    let direct = Direct::new(&workshop);
    let body = "    chip.program(unit.payload(\"plain\"));\n    chip.verify_crc(unit.payload(\"plain\"));\n    \
                chip.memory(\"flash\").program(0x2344, blob(4, 0));\n    chip.verify_crc(unit.payload(\"plain\"));";
    let recipe = Recipe::with_body(body).raw("plain", 0x1000, random_bytes(2, 0x3000));
    let report = direct.run(&image(&workshop, &recipe), &direct.twin(NRF52.device));
    assert_eq!(code(&report), "IMP-4010", "{:?}", report.failure);
    let address = report.failure.unwrap().address.unwrap();
    assert!((0x2344..0x2348).contains(&address), "{address:#x}");
}
