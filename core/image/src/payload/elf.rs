//! ELF: what a loader would put into memory, at its physical address.
//!
//! Program headers say what is loaded and where it is stored; section headers, where present, say which bytes of it
//! mean something. Padding between sections, and file headers that a linker swept into the first segment, are not
//! programmed. Converters to HEX and S-record do the same, so all give the same memory.

use super::{Contents, Fault, Place, Problem, segments::Pieces};
use crate::limits::ELF_TABLE_COUNT_MAX;
use object::{
    Endianness,
    elf::{
        EM_ARM, ET_EXEC, FileHeader32, PT_LOAD, ProgramHeader32, SHF_ALLOC, SHT_NOBITS,
        SectionHeader32,
    },
    read::elf::{FileHeader, ProgramHeader, SectionHeader},
};

type Header = FileHeader32<Endianness>;

/// What every ELF file begins with (System V ABI, chapter 4, ELF identification).
const ELF_MAGIC: [u8; 4] = [0x7F, b'E', b'L', b'F'];

pub(super) fn read(bytes: &[u8]) -> Result<Contents, Fault> {
    let (header, endian) = header(bytes)?;
    let damaged = |error: object::read::Error| {
        let found = error.to_string();
        (Place::File, Problem::truncated("whole ELF tables", found))
    };
    let segments = header.program_headers(endian, bytes).map_err(damaged)?;
    let sections = header.section_headers(endian, bytes).map_err(damaged)?;
    if segments.len().max(sections.len()) > ELF_TABLE_COUNT_MAX {
        let count_max = ELF_TABLE_COUNT_MAX;
        return Err((Place::File, Problem::TooManyPieces { count_max }));
    }
    let mut pieces = Pieces::default();
    for segment in segments {
        if segment.p_type(endian) == PT_LOAD && segment.p_filesz(endian) > 0 {
            read_segment(bytes, segment, sections, endian, &mut pieces)?;
        }
    }
    let entry = u64::from(header.e_entry(endian));
    Ok(Contents {
        pieces,
        entry: (entry != 0).then_some(entry),
    })
}

fn header(bytes: &[u8]) -> Result<(&Header, Endianness), Fault> {
    let machine = |found: &str| {
        (
            Place::Offset(4),
            Problem::WrongMachine {
                found: found.into(),
            },
        )
    };
    if let Some(found) = bytes.get(..4)
        && *found != ELF_MAGIC
    {
        let problem = Problem::unexpected("0x7f 'E' 'L' 'F'", format!("{found:02x?}"));
        return Err((Place::Offset(0), problem));
    }
    // e_ident: class at 4, data encoding at 5.
    match (bytes.get(4), bytes.get(5)) {
        (Some(1), Some(1)) => {}
        (Some(2), _) => return Err(machine("64 bits")),
        (Some(1), Some(2)) => return Err(machine("big-endian")),
        (Some(_), Some(_)) => return Err(machine("an unknown class or byte order")),
        _ => return Err((Place::File, truncated_header(bytes))),
    }
    let header = Header::parse(bytes).map_err(|_| (Place::File, truncated_header(bytes)))?;
    let endian = header
        .endian()
        .map_err(|_| machine("an unknown byte order"))?;
    let found = header.e_machine(endian);
    if found != EM_ARM {
        return Err((
            Place::Offset(18),
            Problem::WrongMachine {
                found: format!("machine {:#x}", found.0),
            },
        ));
    }
    let kind = header.e_type(endian);
    if kind != ET_EXEC {
        let found = format!("type {:#x}", kind.0);
        let problem = Problem::unexpected("a linked executable (type 2)", found);
        return Err((Place::Offset(16), problem));
    }
    Ok((header, endian))
}

fn truncated_header(bytes: &[u8]) -> Problem {
    Problem::truncated(
        "an ELF header of 52 bytes",
        format!("{} bytes", bytes.len()),
    )
}

fn read_segment(
    bytes: &[u8],
    segment: &ProgramHeader32<Endianness>,
    sections: &[SectionHeader32<Endianness>],
    endian: Endianness,
    pieces: &mut Pieces,
) -> Result<(), Fault> {
    let address = u64::from(segment.p_paddr(endian));
    let start = u64::from(segment.p_offset(endian));
    let end = start + u64::from(segment.p_filesz(endian));
    let data = |from: u64, to: u64| {
        let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
        bytes.get(range)
    };
    if data(start, end).is_none() {
        let expected = format!("a segment up to offset {end:#x}");
        let found = format!("{:#x} bytes", bytes.len());
        return Err((Place::Offset(start), Problem::truncated(expected, found)));
    }
    let inside = sections.iter().filter_map(|section| {
        let section_start = u64::from(section.sh_offset(endian));
        let section_end = section_start + u64::from(section.sh_size(endian));
        let loaded =
            section.sh_flags(endian).contains(SHF_ALLOC) && section.sh_type(endian) != SHT_NOBITS;
        let (from, to) = (section_start.max(start), section_end.min(end));
        (loaded && from < to).then_some((from, to))
    });
    let mut any = false;
    for (from, to) in inside {
        any = true;
        let bytes = data(from, to).unwrap_or_default();
        pieces.push(Place::Offset(from), address + (from - start), bytes)?;
    }
    if !any {
        let bytes = data(start, end).unwrap_or_default();
        pieces.push(Place::Offset(start), address, bytes)?;
    }
    Ok(())
}
