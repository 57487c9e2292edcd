//! Writes the inputs that fuzzing begins with to `tests/fuzz/corpus`.
#![allow(
    clippy::expect_used,
    reason = "a tool of the developers, that has nothing better to do than to end"
)]

use std::{fs, path::Path};

fn main() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus");
    for seed in imprint_inputs::seeds() {
        let folder = corpus.join(seed.target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(format!("seed-{}", seed.name)), seed.bytes).expect("a file");
    }
}
