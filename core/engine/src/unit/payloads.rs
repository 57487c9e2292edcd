//! The payloads of the image, read piece by piece: each byte is checked in the buffer it is then used from.

use super::unknown;
use crate::{codes, limits::PIECE_LEN, report::Failure};
use imprint_device::FrozenDevice;
use imprint_image::{
    container::{ImageError, OpenImage},
    object::{Contents, PayloadEntry},
    plan::Plan,
    serial::List,
};
use std::io::{Read, Seek};

/// What a script may know of a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PayloadFacts {
    /// Bytes in all segments.
    pub(crate) len: u64,
    /// Lowest address.
    pub(crate) start: u64,
    /// SHA-256 of the input file.
    pub(crate) sha256: String,
}

/// One segment of a payload.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentPlace {
    index: usize,
    pub(crate) address: u64,
    pub(crate) len: u64,
}

/// An opened image, whatever it is read from.
pub(crate) struct Payloads {
    contents: Contents,
    image: Box<dyn ImageBytes>,
}

impl Payloads {
    /// The payloads of an image.
    pub(crate) fn new<R: Read + Seek + Send + 'static>(image: OpenImage<R>) -> Self {
        Self {
            contents: image.object().clone(),
            image: Box::new(image),
        }
    }

    /// What the object says of itself.
    pub(crate) fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The device the object froze.
    pub(crate) fn device(&mut self) -> Result<FrozenDevice, Failure> {
        Ok(self.image.device()?)
    }

    /// What a script may know of a payload.
    pub(crate) fn facts(&self, name: &str) -> Result<PayloadFacts, Failure> {
        let entry = self.entry(name)?;
        Ok(PayloadFacts {
            len: entry.len(),
            start: entry.segments.first().map_or(0, |segment| segment.address),
            sha256: entry
                .input_sha256
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
        })
    }

    /// Where the bytes of a payload go.
    pub(crate) fn segments(&self, name: &str) -> Result<Vec<SegmentPlace>, Failure> {
        let segments = &self.entry(name)?.segments;
        let place =
            |(index, segment): (usize, &imprint_image::object::SegmentEntry)| SegmentPlace {
                index,
                address: segment.address,
                len: segment.len,
            };
        Ok(segments.iter().enumerate().map(place).collect())
    }

    /// The bytes of a segment from `offset` to the end of the piece.
    pub(crate) fn read(
        &mut self,
        name: &str,
        segment: SegmentPlace,
        offset: u64,
    ) -> Result<Vec<u8>, Failure> {
        let address = segment.address + offset;
        let piece_end = (address / PIECE_LEN + 1) * PIECE_LEN;
        let len = (piece_end - address).min(segment.len - offset);
        let mut bytes = vec![0; len as usize];
        self.image
            .read_segment(name, segment.index, offset, &mut bytes)?;
        Ok(bytes)
    }

    /// The bytes at an address. They lie in one segment, as blocks of a plan do.
    pub(crate) fn read_at(
        &mut self,
        name: &str,
        address: u64,
        to: &mut [u8],
    ) -> Result<(), Failure> {
        let end = address + to.len() as u64;
        let segments = self.segments(name)?;
        let within = |segment: &&SegmentPlace| {
            segment.address <= address && end <= segment.address + segment.len
        };
        let segment = *segments.iter().find(within).ok_or_else(|| {
            let message = format!("payload `{name}` has no byte for {address:#010x}");
            Failure::new(codes::SCRIPT_ENGINE, message)
        })?;
        let offset = address - segment.address;
        Ok(self.image.read_segment(name, segment.index, offset, to)?)
    }

    /// The plan of the payloads.
    pub(crate) fn plan(&mut self) -> Result<Plan, Failure> {
        Ok(self.image.plan()?)
    }

    /// The values of a serial number that has a list.
    pub(crate) fn list(&mut self, serial: &str) -> Result<Option<List>, Failure> {
        Ok(self.image.list(serial)?)
    }

    fn entry(&self, name: &str) -> Result<&PayloadEntry, Failure> {
        let payloads = &self.contents.payloads;
        payloads
            .get(name)
            .ok_or_else(|| unknown("payload", name, payloads.keys().map(|name| name.as_str())))
    }
}

/// What a unit reads of an image, without the type of what it is read from.
trait ImageBytes: Send {
    fn device(&mut self) -> Result<FrozenDevice, ImageError>;
    fn plan(&mut self) -> Result<Plan, ImageError>;
    fn list(&mut self, serial: &str) -> Result<Option<List>, ImageError>;
    fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError>;
}

impl<R: Read + Seek + Send> ImageBytes for OpenImage<R> {
    fn device(&mut self) -> Result<FrozenDevice, ImageError> {
        OpenImage::device(self)
    }

    fn plan(&mut self) -> Result<Plan, ImageError> {
        OpenImage::plan(self)
    }

    fn list(&mut self, serial: &str) -> Result<Option<List>, ImageError> {
        OpenImage::list(self, serial)
    }

    fn read_segment(
        &mut self,
        payload: &str,
        segment: usize,
        offset: u64,
        to: &mut [u8],
    ) -> Result<(), ImageError> {
        OpenImage::read_segment(self, payload, segment, offset, to)
    }
}
