//! What is checked: a plugin, one device of it, and a board.

use crate::verdict::{Step, not_applicable};
use imprint_device::Device;
use imprint_plugin_abi::imprint_plugin;
use imprint_plugin_host::{BoardFactory, Family, Plugin};
use std::path::PathBuf;

/// Where the plugin comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A shared library.
    File(PathBuf),
    /// Linked into this program; gives the plugin's table.
    Linked(fn() -> *const imprint_plugin),
}

/// The board that stands in for the chip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BoardKind {
    /// The family's own, where it has one; else the plain one.
    #[default]
    Own,
    /// The kit's plain board: registers that hold what is written, cells that can be programmed.
    Plain,
}

/// A plugin with one of its devices.
#[derive(Clone, Debug)]
pub struct Subject {
    /// The plugin.
    pub origin: Origin,
    /// The device; cases about the plugin as a whole need none.
    pub device: Option<Device>,
    /// The board.
    pub board: BoardKind,
}

impl Subject {
    /// The table that the plugin's entry gives.
    pub(crate) fn table(&self) -> Step<*const imprint_plugin> {
        crate::raw_tables::table(&self.origin)
    }

    /// The plugin, after the host's own check of its tables.
    pub(crate) fn plugin(&self) -> Step<Plugin> {
        match crate::raw_tables::checked(self.table()?) {
            Ok(plugin) => Ok(plugin),
            Err(error) => not_applicable(format!("no host would load the plugin: {error}")),
        }
    }

    /// The family of the device, and a chip to try it on.
    pub(crate) fn site(&self) -> Step<Site> {
        let Some(device) = self.device.clone() else {
            return not_applicable("no device is given");
        };
        let families = self.plugin()?.families;
        let Some(family) = families.iter().find(|it| it.id() == device.family) else {
            return not_applicable(format!("the plugin has no family `{}`", device.family));
        };
        let factory = family.board().filter(|_| self.board == BoardKind::Own);
        Ok(Site {
            board_kind: match factory {
                Some(_) => BoardKind::Own,
                None => BoardKind::Plain,
            },
            factory,
            family: family.clone(),
            device,
        })
    }
}

/// A family with a device of it.
pub(crate) struct Site {
    pub family: Family,
    pub device: Device,
    /// `Own` only where there is one.
    pub board_kind: BoardKind,
    pub factory: Option<BoardFactory>,
}

impl Site {
    /// The board knows the chip, so that what the family does to it can be judged.
    pub fn needs_own_board(&self) -> Step {
        match self.board_kind {
            BoardKind::Own => Ok(()),
            BoardKind::Plain => {
                not_applicable("the plain board does not know what this family does to its chip")
            }
        }
    }
}
