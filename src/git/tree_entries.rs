//! Trees as Git writes them.

use super::object_id::ObjectId;

/// What an entry of a tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// A folder.
    Tree,
    /// A file.
    Blob,
    /// A file that may be run.
    Executable,
    /// A symbolic link: its blob holds the path it points to. Links are never followed here.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

/// What a path holds: a blob and what it is; `None`: nothing.
pub type Target = Option<(ObjectId, EntryKind)>;

/// The entries of an encoded tree: name, object, kind.
pub(super) fn entries_of(
    data: &[u8],
) -> impl Iterator<Item = Result<(&[u8], ObjectId, EntryKind), String>> {
    raw_entries_of(data).map(|entry| with_kind(entry?))
}

pub(super) fn with_kind(
    (mode, name, id): RawEntry<'_>,
) -> Result<(&[u8], ObjectId, EntryKind), String> {
    let kind = EntryKind::from_mode(mode)
        .ok_or_else(|| format!("an entry of it has the mode '{}'", mode.escape_ascii()))?;
    Ok((name, id, kind))
}

/// An entry as it is encoded: `<octal mode> <name>\0<20 bytes>`.
pub(super) type RawEntry<'a> = (&'a [u8], &'a [u8], ObjectId);

pub(super) fn raw_entries_of(
    mut data: &[u8],
) -> impl Iterator<Item = Result<RawEntry<'_>, String>> {
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let entry = read_entry(data).ok_or_else(|| "an entry of it is malformed".to_owned());
        data = entry.as_ref().map_or(&[], |(_, rest)| rest);
        Some(entry.map(|(entry, _)| entry))
    })
}

fn read_entry(data: &[u8]) -> Option<(RawEntry<'_>, &[u8])> {
    let space = memchr::memchr(b' ', &data[..data.len().min(8)])?;
    let rest = &data[space + 1..];
    let end = memchr::memchr(0, rest).filter(|end| *end > 0)?;
    let id = ObjectId::from_bytes(rest.get(end + 1..end + 21)?.try_into().ok()?);
    Some(((&data[..space], &rest[..end], id), &rest[end + 21..]))
}

impl EntryKind {
    /// Reads an octal mode. Old trees hold other permission bits, which count as Git counts them.
    pub(super) fn from_mode(octal: &[u8]) -> Option<EntryKind> {
        if octal.is_empty() {
            return None;
        }
        let mode = octal.iter().try_fold(0_u32, |mode, digit| match digit {
            b'0'..=b'7' => Some(mode.checked_mul(8)? + u32::from(digit - b'0')),
            _ => None,
        })?;
        Some(match mode & 0o170_000 {
            0o040_000 => EntryKind::Tree,
            0o120_000 => EntryKind::Symlink,
            0o160_000 => EntryKind::Submodule,
            0o100_000 if mode & 0o100 != 0 => EntryKind::Executable,
            0o100_000 => EntryKind::Blob,
            _ => return None,
        })
    }
    /// The mode that Git writes.
    pub(super) fn mode(self) -> &'static str {
        match self {
            EntryKind::Tree => "40000",
            EntryKind::Blob => "100644",
            EntryKind::Executable => "100755",
            EntryKind::Symlink => "120000",
            EntryKind::Submodule => "160000",
        }
    }
}
