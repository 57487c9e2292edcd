//! Bounds on plugin files and their manifests, each with its reason.

/// Largest manifest, in bytes: a dozen lines of text.
pub const MANIFEST_LEN_MAX: u64 = 64 << 10;

/// Largest library, in bytes. It is held in memory once as a file; vendors' libraries have some megabytes.
pub const LIBRARY_LEN_MAX: u64 = 64 << 20;

/// Most files looked at in a plugin folder.
pub const FOLDER_FILES_MAX: usize = 4096;
