//! How far the way to the target is open: a link, its debug port, the target.

use crate::{codes, report::Failure};
use imprint_device::FrozenDevice;
use imprint_target::{AttachMode, Chips, Control, DebugPortSession, Link, Target};
use std::{sync::Arc, time::Duration};

/// The state of the wire.
pub(crate) enum Wiring {
    /// Nothing has moved yet.
    Link(Link),
    /// The debug port answers; memory has not been tried.
    DebugPort(Box<DebugPortSession>),
    /// The target is attached.
    Target(Box<Target>),
    /// An attempt to go on failed and took the link with it.
    Lost,
}

impl Wiring {
    /// Opens the debug port, if it is not open yet.
    pub(crate) fn open_debug_port(
        &mut self,
        chips: &Chips,
        frozen: &Arc<FrozenDevice>,
        control: &Control,
    ) -> Result<(), Failure> {
        self.step(|wiring| match wiring {
            Wiring::Link(link) => {
                let port = Target::open_debug_port(link, chips, frozen.clone(), control.clone())?;
                Ok(Wiring::DebugPort(Box::new(port)))
            }
            Wiring::Lost => Err(lost()),
            open => Ok(open),
        })
    }

    /// Attaches the target, if it is not attached yet.
    pub(crate) fn attach(
        &mut self,
        chips: &Chips,
        frozen: &Arc<FrozenDevice>,
        control: &Control,
        mode: AttachMode,
    ) -> Result<(), Failure> {
        self.step(|wiring| {
            let target = match wiring {
                Wiring::Link(link) => {
                    Target::attach(link, chips, frozen.clone(), control.clone(), mode)?
                }
                Wiring::DebugPort(port) => port.attach(mode)?,
                Wiring::Target(mut target) => {
                    target.reattach(mode)?;
                    *target
                }
                Wiring::Lost => return Err(lost()),
            };
            Ok(Wiring::Target(Box::new(target)))
        })
    }

    /// The attached target.
    pub(crate) fn target(&mut self) -> Result<&mut Target, Failure> {
        match self {
            Wiring::Target(target) => Ok(target),
            Wiring::Lost => Err(lost()),
            _ => Err(
                Failure::new(codes::WRONG_ORDER, "the target is not connected")
                    .with_help("call `unit.connect()` first"),
            ),
        }
    }

    /// Whether the unit is to stop, as an error that says why.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        match self {
            Wiring::Link(link) => link.check()?,
            Wiring::DebugPort(port) => port.check()?,
            Wiring::Target(target) => target.check()?,
            Wiring::Lost => return Err(lost()),
        }
        Ok(())
    }

    /// Waits on the link's clock.
    pub(crate) fn delay(&mut self, delay: Duration) -> Result<(), Failure> {
        match self {
            Wiring::Link(link) => link.delay(delay)?,
            Wiring::DebugPort(port) => port.delay(delay)?,
            Wiring::Target(target) => target.delay(delay)?,
            Wiring::Lost => return Err(lost()),
        }
        Ok(())
    }

    /// Gives the rest of the unit another token and time.
    pub(crate) fn rearm(&mut self, control: &Control) {
        match self {
            Wiring::Link(link) => link.arm(control.clone()),
            Wiring::DebugPort(port) => port.arm(control.clone()),
            Wiring::Target(target) => target.arm(control.clone()),
            Wiring::Lost => {}
        }
    }

    /// Goes from one state to the next; a failure on the way leaves `Lost` behind.
    fn step(
        &mut self,
        next: impl FnOnce(Wiring) -> Result<Wiring, Failure>,
    ) -> Result<(), Failure> {
        *self = next(std::mem::replace(self, Wiring::Lost))?;
        Ok(())
    }
}

fn lost() -> Failure {
    Failure::new(codes::WRONG_ORDER, "the target was lost before")
        .with_help("the first failure of the unit says why")
}
