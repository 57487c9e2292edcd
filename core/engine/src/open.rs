//! Opening an image to run it, and saying why what is no such image is not run.

use crate::{codes, report::Failure};
use imprint_image::{Image, ImageError, TrustAnchors};
use std::io::{Read, Seek};

/// Opens a SAP whose signers `trust` accepts. Its payload is locked still.
///
/// # Errors
/// Whatever is wrong with the image; an object, which nobody has signed; a Job, which needs a cloud.
pub fn open_image<R: Read + Seek>(reader: R, trust: &TrustAnchors) -> Result<Image<R>, Failure> {
    let image = match Image::open(reader, trust) {
        Err(ImageError::NotAnImage { is_object: true }) => return Err(object()),
        image => image?,
    };
    match image.manifest().kind.is_job() {
        true => Err(ImageError::CloudNeeded.into()),
        false => Ok(image),
    }
}

/// An object has no signature: nobody vouches for what it does, and nothing bounds who runs it.
fn object() -> Failure {
    Failure::new(
        codes::NOT_EXECUTABLE,
        "this is an object, which is not executable: nobody has signed it",
    )
    .with_help(
        "seal it: imprint seal X.sapobj --sap -o X.sap --key SIGNING.key, then run the image",
    )
}
