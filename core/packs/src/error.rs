//! Why a description does not become a device.

/// Why a description does not become a device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// None of the three.
    #[error("`{file}` is no CMSIS-Pack, no flash algorithm and no target description: {message}")]
    Unknown {
        /// The file.
        file: String,
        /// What was looked for.
        message: String,
    },
    /// The archive, or what it says of its devices, is damaged or no pack.
    #[error("pack `{file}`: {message}")]
    Pack {
        /// The file.
        file: String,
        /// What is wrong, and where.
        message: String,
    },
    /// The algorithm file is no flash algorithm.
    #[error("flash algorithm `{file}`: {message}")]
    Flm {
        /// The file, within a pack its path there.
        file: String,
        /// What is wrong.
        message: String,
    },
    /// The target description does not follow its schema.
    #[error("target description `{file}`: {message}")]
    Target {
        /// The file.
        file: String,
        /// What is wrong, and where.
        message: String,
    },
    /// Larger than its kind can be.
    #[error("`{file}` has more than {len_max} bytes")]
    TooLarge {
        /// The file.
        file: String,
        /// The limit.
        len_max: u64,
    },
    /// The file has several devices, and none was chosen.
    #[error("`{file}` has {count} devices, and none is chosen")]
    NotChosen {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// The file has no device of that name.
    #[error("`{file}` has no device `{device}`")]
    NoDevice {
        /// The file.
        file: String,
        /// What was asked for.
        device: String,
        /// The nearest that it has.
        nearest: Option<String>,
    },
    /// Something that a device needs and the description does not say.
    #[error("`{file}` does not say {what}")]
    Missing {
        /// The file.
        file: String,
        /// What is missing.
        what: &'static str,
        /// How to say it.
        help: &'static str,
    },
    /// A core that is not programmed here.
    #[error("`{device}` has the core {found}, expected one of Cortex-M0, M0+, M3, M4")]
    Core {
        /// The device.
        device: String,
        /// Its core.
        found: String,
    },
    /// What came out is no sound device.
    #[error("the description of `{device}` contradicts itself: {message}")]
    Unsound {
        /// The device.
        device: String,
        /// What is wrong.
        message: String,
    },
}

impl PackError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unknown { .. } => "IMP-6020",
            Self::Pack { .. } => "IMP-6021",
            Self::Flm { .. } => "IMP-6022",
            Self::Target { .. } => "IMP-6023",
            Self::TooLarge { .. } => "IMP-6024",
            Self::NotChosen { .. } => "IMP-6025",
            Self::NoDevice { .. } => "IMP-6026",
            Self::Missing { .. } => "IMP-6027",
            Self::Core { .. } => "IMP-6028",
            Self::Unsound { .. } => "IMP-6029",
        }
    }

    /// What to do next.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Unknown { .. } => Some("give a .pack, a .FLM, or a .yaml of probe-rs".into()),
            Self::Pack { .. } | Self::Flm { .. } => {
                Some("get the file again from its maker".into())
            }
            Self::Target { .. } => Some("probe-rs 0.32 must be able to read it".into()),
            Self::TooLarge { .. } => Some(
                "give the file as its maker publishes it; a flash algorithm can be imported alone"
                    .into(),
            ),
            Self::NotChosen { first, .. } => Some(format!(
                "choose one: `--device {first}`; `--list` shows all"
            )),
            Self::NoDevice {
                nearest: Some(nearest),
                ..
            } => Some(format!("did you mean `{nearest}`? `--list` shows all")),
            Self::NoDevice { nearest: None, .. } => Some("`--list` shows all".into()),
            Self::Missing { help, .. } => Some((*help).into()),
            Self::Core { .. } => Some("choose another device".into()),
            Self::Unsound { .. } => {
                Some("write the device file by hand, with the datasheet beside it".into())
            }
        }
    }
}
