//! `imprint build`: a recipe and all it refers to become an object.

use crate::{
    exit::Exit, failure::Result, files, options::Build, output::Output, places::Places, render,
};
use serde_json::json;

pub fn run(options: &Build, places: &Places, output: &Output) -> Result {
    let devices = places.devices()?;
    let object = imprint::build(&options.recipe, &options.set, &devices)?;
    files::write(&options.output, object.to_bytes())?;
    let (path, contents) = (options.output.display(), object.contents());
    let len = object.to_bytes().len() as u64;
    let told = json!({
        "object": path.to_string(),
        "id": object.id().to_string(),
        "name": contents.name.as_str(),
        "device": contents.device,
        "len": len,
    });
    output.done(&told, || {
        format!(
            "built {path}: {} for {}, {}\n  id {}",
            contents.name,
            contents.device,
            render::bytes(len),
            object.id()
        )
    })?;
    Ok(Exit::Pass)
}
