//! Images: opened and verified.

use crate::{
    boundary::{address_of, c_text, free, guarded, handle, optional_text, paths, table, text},
    failure::imprint_failure,
};
use imprint_facade::{Image, ImageOptions, to_json};
use std::{
    ffi::{CString, c_char},
    path::Path,
};

/// A sealed image whose signature held. It stays what it was when it was opened, whatever becomes of its file's name.
pub struct imprint_image {
    pub(crate) image: Image,
    id: CString,
    name: CString,
    device: CString,
    json: CString,
}

/// Who is trusted, and with which key an encrypted image is opened. Set `struct_size`; what is left out is null.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct imprint_image_options {
    /// `sizeof(struct imprint_image_options)`.
    pub struct_size: usize,
    /// Public keys of signers, root documents, or folders of them (key rings). A list of texts ends with a null pointer.
    pub trust: *const *const c_char,
    /// The file of this station's secret key; null for images that everyone may read.
    pub station_key: *const c_char,
    /// The passphrase that key is under, or null.
    pub passphrase: *const c_char,
}

/// Opens an image that is signed by those who are trusted. Grants in `PATH.grants` count. Any thread.
///
/// # Safety
/// `path` ends with a zero byte; `options` points to as many bytes as its size says; `failure` is null or points to a place
/// that is null or a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_open(
    path: *const c_char,
    options: *const imprint_image_options,
    failure: *mut *mut imprint_failure,
) -> *mut imprint_image {
    let open = || {
        // SAFETY: the caller vouches for the path, the size, and what the lists and texts end with.
        let (path, options) = unsafe {
            let path = text(path, "path")?;
            let options = table(options, "options")?;
            let options = ImageOptions {
                trust: paths(options.trust, "trust")?,
                station_key: optional_text(options.station_key, "station_key")?.map(Into::into),
                passphrase: optional_text(options.passphrase, "passphrase")?,
            };
            (path, options)
        };
        let image = Image::open(Path::new(&path), &options)?;
        let facts = image.facts();
        Ok(imprint_image {
            id: c_text(&facts.id),
            name: c_text(&facts.name),
            device: c_text(&facts.device),
            json: c_text(&to_json(facts)),
            image,
        })
    };
    // SAFETY: the caller vouches for `failure`.
    unsafe { guarded(failure, open) }
}

/// Checks every bit of an image; returns 1 if all is well, else 0 and a failure. Any thread, several at once.
///
/// # Safety
/// `image` is null or an image that is not freed; `failure` is null or points to a place that is null or a failure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_verify(
    image: *const imprint_image,
    failure: *mut *mut imprint_failure,
) -> i32 {
    let verify = || {
        // SAFETY: the caller vouches for it.
        unsafe { handle(image, "image") }?.image.verify()
    };
    // SAFETY: the caller vouches for `failure`; what is made is freed here.
    unsafe {
        let verified = guarded(failure, verify);
        let is_good = !verified.is_null();
        free(verified);
        i32::from(is_good)
    }
}

/// What the image is called: SHA-256 over its header and manifest, in hexadecimal. Null of null.
///
/// # Safety
/// `image` is null or an image that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_id(image: *const imprint_image) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { image.as_ref() }.map(|image| &image.id))
}

/// Its name in its recipe. Null of null.
///
/// # Safety
/// As `imprint_image_id`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_name(image: *const imprint_image) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { image.as_ref() }.map(|image| &image.name))
}

/// The part number of its device. Null of null.
///
/// # Safety
/// As `imprint_image_id`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_device(image: *const imprint_image) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { image.as_ref() }.map(|image| &image.device))
}

/// All that its signers vouch for, as a JSON object: also who signed, and its rights. Null of null.
///
/// # Safety
/// As `imprint_image_id`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_json(image: *const imprint_image) -> *const c_char {
    // SAFETY: the caller vouches for it.
    address_of(unsafe { image.as_ref() }.map(|image| &image.json))
}

/// Frees an image. No thread may be using it. Null is allowed.
///
/// # Safety
/// `image` is null or an image that is not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn imprint_image_free(image: *mut imprint_image) {
    // SAFETY: the caller vouches for it.
    unsafe { free(image) }
}
