//! Commits and tags.

use gix::bstr::BStr;

use super::encoding;
use super::error::Error;
use super::object_id::ObjectId;

/// A commit's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    /// The tree.
    pub(crate) tree: ObjectId,
    /// The parents, first parent first; more than one for a merge, none for a root.
    pub(crate) parents: Vec<ObjectId>,
    /// Who made the change.
    pub(crate) author: Signature,
    /// Who made the commit.
    pub(crate) committer: Signature,
    /// The message, read in the [encoding](super::encoding) that the commit states.
    pub(crate) message: String,
}

/// Who and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name; bytes that the commit's encoding, UTF-8 if it states none, doesn't have are shown as `U+FFFD`.
    pub name: String,
    /// The e-mail address.
    pub email: String,
    /// Seconds since 1970-01-01 UTC.
    pub seconds: i64,
    /// The clock's offset from UTC, in minutes; east is positive.
    pub offset_minutes: i32,
}

/// Offsets from UTC beyond a day are no offsets to Git.
const MAX_OFFSET_MINUTES: i32 = 24 * 60;

impl Signature {
    /// The day, where whoever it is was: `2024-01-31`; none for a time that no calendar has.
    pub fn day(&self) -> Option<String> {
        let offset = self.offset_minutes.checked_mul(60)?;
        let time = gix::date::Time::new(self.seconds, offset);
        time.format(gix::date::time::format::SHORT).ok()
    }

    /// `Name <email> seconds +hhmm`, as commits and reflogs hold it.
    pub(super) fn encode(&self) -> Result<String, Error> {
        for (what, value) in [("name", &self.name), ("email", &self.email)] {
            if value.contains(['<', '>', '\n', '\0']) {
                let reason = "it holds '<', '>', a line end or NUL";
                return Err(invalid(what, value, reason));
            }
        }
        if self.name.trim().is_empty() {
            let reason = "it is empty, and Git makes no commit without one";
            return Err(invalid("name", &self.name, reason));
        }
        if self.seconds < 0 {
            return Err(invalid(
                "time",
                &self.seconds.to_string(),
                "Git knows no time before 1970",
            ));
        }
        let offset = self.offset_minutes;
        if offset.abs() >= MAX_OFFSET_MINUTES {
            return Err(invalid(
                "offset from UTC",
                &offset.to_string(),
                "it is a day or more",
            ));
        }
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        let Signature {
            name,
            email,
            seconds,
            ..
        } = self;
        Ok(format!(
            "{name} <{email}> {seconds} {sign}{hours:02}{minutes:02}"
        ))
    }
}

fn invalid(what: &str, value: &str, reason: &str) -> Error {
    Error::InvalidValue {
        what: format!("the signature's {what}"),
        value: value.escape_default().to_string(),
        reason: reason.to_owned(),
    }
}

pub(super) fn parse(data: &[u8]) -> Result<Commit, String> {
    let text = |error: gix::Error| super::error::explain(&error);
    let commit = gix::objs::CommitRef::from_bytes(data, gix::hash::Kind::Sha1).map_err(text)?;
    Ok(Commit {
        tree: ObjectId::from_gix(&commit.tree()),
        parents: commit.parents().map(|id| ObjectId::from_gix(&id)).collect(),
        author: signature(commit.author().map_err(text)?, commit.encoding),
        committer: signature(commit.committer().map_err(text)?, commit.encoding),
        message: encoding::decode(commit.message, commit.encoding),
    })
}

fn signature(signature: gix::actor::SignatureRef<'_>, encoding: Option<&BStr>) -> Signature {
    // Commits with times that can't be read exist; Git shows them as the epoch.
    let time = signature.time().unwrap_or_default();
    Signature {
        name: encoding::decode(signature.name, encoding),
        email: encoding::decode(signature.email, encoding),
        seconds: time.seconds,
        offset_minutes: time.offset / 60,
    }
}

/// The id in the first line, `tree <id>`.
pub(super) fn tree(data: &[u8]) -> Result<ObjectId, String> {
    header_id(data, b"tree ").ok_or_else(|| "it doesn't begin with a tree".to_owned())
}

/// The id in a tag's first line, `object <id>`.
pub(super) fn tag_target(data: &[u8]) -> Result<ObjectId, String> {
    header_id(data, b"object ").ok_or_else(|| "it doesn't begin with an object".to_owned())
}

/// What ancestry needs of a commit: parents and the committer's time in seconds (0 if it can't be read).
pub(super) fn parents_and_time(data: &[u8]) -> Result<(Vec<ObjectId>, i64), String> {
    let mut parents = Vec::new();
    tree(data)?;
    let mut rest = &data[46..];
    while let Some(id) = header_id(rest, b"parent ") {
        parents.push(id);
        rest = &rest[48..];
    }
    Ok((parents, committer_time(rest).unwrap_or(0)))
}

fn committer_time(headers: &[u8]) -> Option<i64> {
    let line = headers
        .split(|byte| *byte == b'\n')
        .take_while(|line| !line.is_empty())
        .find(|line| line.starts_with(b"committer "))?;
    let after_email = &line[memchr::memrchr(b'>', line)? + 1..];
    let seconds = after_email
        .trim_ascii_start()
        .split(|byte| *byte == b' ')
        .next()?;
    std::str::from_utf8(seconds).ok()?.parse().ok()
}

fn header_id(data: &[u8], key: &[u8]) -> Option<ObjectId> {
    let rest = data.strip_prefix(key)?;
    (rest.get(40) == Some(&b'\n')).then_some(())?;
    ObjectId::from_hex(&rest[..40])
}
