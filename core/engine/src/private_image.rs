//! An object as an image that never leaves the process: sealed with a key that is forgotten at once.
//!
//! What is tried or tested runs through the same door as in production: nothing runs an object but as a sealed image.

use crate::report::Failure;
use imprint_image::{
    container::{
        FamilyRequirement, Image, OpenImage, SealOptions, TrustAnchors, Unlock, Version, seal,
    },
    keys::{PublicKey, SigningKey, system_random},
    object::Object,
};
use imprint_plugin_host::IMPRINT_ABI_MAJOR;
use std::{io::Cursor, sync::Arc};

/// Of a plugin: whatever is installed.
const ANY_VERSION: Version = Version {
    major: 0,
    minor: 0,
    patch: 0,
};

/// The image. Clones share its bytes.
#[derive(Clone)]
pub(crate) struct PrivateImage {
    bytes: Arc<[u8]>,
    signer: PublicKey,
}

/// The image, opened.
pub(crate) type OpenPrivateImage = OpenImage<Cursor<Arc<[u8]>>>;

impl PrivateImage {
    /// Seals an object for nobody else.
    pub(crate) fn seal(object: &Object) -> Result<PrivateImage, Failure> {
        let mut random = system_random();
        let signing = SigningKey::generate(&mut random);
        let family = FamilyRequirement {
            id: object.contents().family.clone(),
            abi_major: IMPRINT_ABI_MAJOR,
            version_min: ANY_VERSION,
        };
        let bytes = seal(object, SealOptions::new(&signing, family, &mut random))?;
        Ok(PrivateImage {
            bytes: bytes.into(),
            signer: signing.public(),
        })
    }

    /// Opens it.
    pub(crate) fn open(&self) -> Result<OpenPrivateImage, Failure> {
        let trust = TrustAnchors::new([self.signer]);
        let image = Image::open(Cursor::new(self.bytes.clone()), &trust)?;
        Ok(image.unlock(Unlock::default())?)
    }
}
