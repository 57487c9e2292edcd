//! The package description of a CMSIS-Pack: which parts there are, and what each inherits.
//!
//! Family, subfamily, device and variant are nested; each adds to what it is in, and a memory or algorithm of the same name
//! replaces the outer one (CMSIS-Pack specification, "/package/devices").

use crate::limits::{
    ALGORITHMS_MAX, DEVICES_MAX, INHERITED_MAX, MEMORIES_MAX, TAG_LEN_MAX, XML_NODES_MAX,
};
use roxmltree::{Document, Node, ParsingOptions};
use std::ops::Range;

/// One part number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Part {
    pub name: String,
    pub vendor: String,
    pub core: String,
    pub memories: Vec<PartMemory>,
    pub algorithms: Vec<PartAlgorithm>,
}

#[derive(Clone, Debug)]
pub(crate) struct PartMemory {
    pub name: String,
    pub range: Range<u64>,
    pub is_ram: bool,
}

/// An algorithm by its path in the pack.
#[derive(Clone, Debug)]
pub(crate) struct PartAlgorithm {
    pub path: String,
    pub is_default: bool,
    /// Where its maker wants it to run.
    pub ram_start: Option<u64>,
}

/// What a package description says.
pub(crate) struct Package {
    /// `Vendor.Name 1.2.3`.
    pub title: String,
    pub parts: Vec<Part>,
}

/// The elements that nest, from the outside.
const LEVELS: [&str; 4] = ["family", "subFamily", "device", "variant"];

/// Reads a package description.
pub(crate) fn parse(text: &str) -> Result<Package, String> {
    check_tags(text)?;
    let options = ParsingOptions {
        nodes_limit: XML_NODES_MAX,
        ..ParsingOptions::default()
    };
    let document =
        Document::parse_with_options(text, options).map_err(|error| error.to_string())?;
    let package = document.root_element();
    if !package.has_tag_name("package") {
        let name = package.tag_name().name();
        return Err(format!(
            "its description begins with `{name}`, expected `package`"
        ));
    }
    let mut parts = Vec::new();
    for devices in children(package, "devices") {
        for family in children(devices, "family") {
            walk(family, 0, &Part::default(), &mut parts)?;
        }
    }
    let text = |name: &str| {
        let child = children(package, name).next();
        child
            .and_then(|node| node.text())
            .unwrap_or("")
            .trim()
            .to_string()
    };
    let release = children(package, "releases")
        .flat_map(|releases| children(releases, "release"))
        .find_map(|release| release.attribute("version"));
    Ok(Package {
        title: format!(
            "{}.{} {}",
            text("vendor"),
            text("name"),
            release.unwrap_or("without a version")
        ),
        parts,
    })
}

/// Refuses a tag with more attributes than any has.
fn check_tags(text: &str) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        // Comments, declarations and plain data have no attributes.
        if rest.starts_with(['!', '?']) {
            continue;
        }
        let len = rest.find('>').unwrap_or(rest.len());
        if len > TAG_LEN_MAX {
            let line = text[..text.len() - rest.len()].lines().count();
            return Err(format!(
                "line {line}: a tag has {len} bytes, at most {TAG_LEN_MAX} are read"
            ));
        }
    }
    Ok(())
}

fn children<'a, 'i: 'a>(
    node: Node<'a, 'i>,
    name: &'a str,
) -> impl Iterator<Item = Node<'a, 'i>> + 'a {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

/// Adds what an element says to what it is in, and goes on inside it. The innermost are parts.
fn walk(
    node: Node<'_, '_>,
    level: usize,
    outer: &Part,
    parts: &mut Vec<Part>,
) -> Result<(), String> {
    let mut part = outer.clone();
    take(node, &mut part)?;
    if let Some(name) = node
        .attribute("Dvariant")
        .or_else(|| node.attribute("Dname"))
    {
        part.name = name.into();
    }
    if let Some(vendor) = node.attribute("Dvendor") {
        // "STMicroelectronics:13": a number of Arm's behind the name.
        part.vendor = vendor.split(':').next().unwrap_or(vendor).into();
    }
    let mut has_inner = false;
    for inner in node.children().filter(Node::is_element) {
        let name = inner.tag_name().name();
        let inner_level = LEVELS.iter().position(|level| *level == name);
        if let Some(inner_level) = inner_level.filter(|inner_level| *inner_level > level) {
            has_inner = true;
            walk(inner, inner_level, &part, parts)?;
        }
    }
    // A device with variants can be ordered only as one of them.
    if level >= 2 && !has_inner {
        if parts.len() >= DEVICES_MAX {
            return Err(format!("it has more than {DEVICES_MAX} devices"));
        }
        let each = part.memories.len() + part.algorithms.len();
        if each * (parts.len() + 1) > INHERITED_MAX {
            return Err(format!(
                "its devices have more than {INHERITED_MAX} memories and algorithms together"
            ));
        }
        parts.push(part);
    }
    Ok(())
}

fn take(node: Node<'_, '_>, part: &mut Part) -> Result<(), String> {
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            "processor" => {
                if let Some(core) = child.attribute("Dcore") {
                    part.core = core.into();
                }
            }
            "memory" => {
                let memory = memory(child)?;
                part.memories.retain(|known| known.name != memory.name);
                part.memories.push(memory);
                if part.memories.len() > MEMORIES_MAX {
                    return Err(at(child, "a device has too many memories"));
                }
            }
            "algorithm" => {
                // Others than the original style are for other programmers.
                let style = child.attribute("style").unwrap_or("Keil");
                if style == "Keil" || style == "CMSIS" {
                    let algorithm = algorithm(child)?;
                    part.algorithms.retain(|known| known.path != algorithm.path);
                    part.algorithms.push(algorithm);
                    if part.algorithms.len() > ALGORITHMS_MAX {
                        return Err(at(child, "a device has too many algorithms"));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn memory(node: Node<'_, '_>) -> Result<PartMemory, String> {
    let start = number(node, "start")?;
    let len = number(node, "size")?;
    let name = node.attribute("name").or_else(|| node.attribute("id"));
    let name = name.ok_or_else(|| at(node, "a memory has neither `id` nor `name`"))?;
    // Old descriptions say it by the name (IRAM1, IROM1), newer ones by what may be done.
    let is_ram = match node.attribute("access") {
        Some(access) => access.contains('w'),
        None => name.contains("RAM"),
    };
    let end = start.checked_add(len).filter(|end| *end <= 1 << 32);
    let end = end.ok_or_else(|| at(node, "a memory leaves the 32-bit address space"))?;
    Ok(PartMemory {
        name: name.into(),
        range: start..end,
        is_ram,
    })
}

fn algorithm(node: Node<'_, '_>) -> Result<PartAlgorithm, String> {
    let path = node.attribute("name");
    let path = path.ok_or_else(|| at(node, "an algorithm has no `name`"))?;
    Ok(PartAlgorithm {
        // Packs are made on Windows.
        path: path.replace('\\', "/"),
        is_default: node
            .attribute("default")
            .is_some_and(|it| it == "1" || it == "true"),
        ram_start: match node.attribute("RAMstart") {
            Some(_) => Some(number(node, "RAMstart")?),
            None => None,
        },
    })
}

/// A number as packs write it: `0x20000000`, `4096`.
fn number(node: Node<'_, '_>, attribute: &str) -> Result<u64, String> {
    let text = node.attribute(attribute).unwrap_or("").trim();
    let parsed = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    parsed.map_err(|_| {
        at(
            node,
            &format!("`{attribute}` is `{text}`, expected a number"),
        )
    })
}

fn at(node: Node<'_, '_>, message: &str) -> String {
    let place = node.document().text_pos_at(node.range().start);
    format!("line {}, column {}: {message}", place.row, place.col)
}
