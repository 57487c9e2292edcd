//! The compiler of scripts as a reader of foreign bytes, through the engine's own sandbox.

use imprint::script::{ImageNames, Program, ScriptSources};
use imprint_inputs::Target;
use std::collections::BTreeMap;

/// A script that imports nothing: compiled, and checked.
pub const SCRIPT: Target = Target {
    name: "script",
    read,
    prepare: || {},
};

fn read(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let sources = ScriptSources {
        name: "main.rhai".into(),
        text: text.into(),
        modules: BTreeMap::new(),
    };
    if let Ok(program) = Program::compile(sources) {
        let _ = program.check(&ImageNames::default());
    }
}
