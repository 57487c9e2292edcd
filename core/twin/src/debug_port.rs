/// placeholder
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireFault {
    NoAnswer,
    Wait,
    Fault,
}
