//! How many grants a core makes and opens in a second. Prints one JSON object.
//!
//! Making one encrypts the content key for a station and signs; opening one reads it from behind the image, verifies and
//! decrypts. Of processor time, the best of several rounds.
#![allow(clippy::print_stdout)]

mod common;

use common::{Keys, LargeObject, Result, processor_time};
use imprint_image::{StationSecret, container::GrantTerms, keys::system_random};
use std::{hint::black_box, io::Cursor, num::NonZeroUsize, time::Duration};

const ROUNDS: usize = 15;
/// In each round.
const COUNT: u32 = 200;

fn main() -> Result<()> {
    let keys = Keys::fixed();
    let mut file = Cursor::new(Vec::new());
    let object = LargeObject::new(1)?;
    object.seal(&[0][..], &keys, true, Some(NonZeroUsize::MIN), &mut file)?;
    let mut image = keys.open(file)?;
    let granting = image.granting(&keys.with())?;
    let mut random = system_random();
    let station = StationSecret::generate(&mut random).public();
    let terms = GrantTerms::default();
    let made = common::best(ROUNDS, processor_time, || {
        for _ in 0..COUNT {
            black_box(granting.issue(&station, &terms, &keys.signing, &mut random)?);
        }
        Ok(())
    })?;
    let opened = common::best(ROUNDS, processor_time, || {
        for _ in 0..COUNT {
            black_box(image.granting(&keys.with())?);
        }
        Ok(())
    })?;
    let per_second = |time: Duration| f64::from(COUNT) / time.as_secs_f64();
    let figures = serde_json::json!({
        "made_per_second": per_second(made),
        "opened_per_second": per_second(opened),
    });
    println!("{figures}");
    Ok(())
}
