//! The `packed-refs` file.
//!
//! `gix` has a parser too, which isn't used: it keeps to itself whether the file is `fully-peeled`, without which each
//! branch would have to be looked up to learn that it is no tag; and it doesn't say which line is damaged.

use std::ops::Range;

use super::object_id::ObjectId;

/// The file's content, in Git's order. About 100 bytes per ref, however the refs are asked for.
pub(super) struct PackedRefs {
    bytes: Vec<u8>,
    body: Range<usize>,
    peeling: Peeling,
}

/// Which annotated tags the file gives the commit of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peeling {
    None,
    Tags,
    All,
}

/// One line, and the `^` line after it.
#[derive(Clone, Copy)]
pub(super) struct PackedRef<'a> {
    pub(super) name: &'a [u8],
    pub(super) id: ObjectId,
    /// What `id` leads to through tags, if the file says: `id` itself if that is no tag.
    pub(super) peeled: Option<ObjectId>,
}

impl PackedRefs {
    /// Reads the content of a file. The error says which line is not what Git writes.
    pub(super) fn parse(bytes: Vec<u8>) -> Result<PackedRefs, String> {
        let mut peeling = Peeling::None;
        let mut sorted = false;
        let mut start = 0;
        if bytes.first() == Some(&b'#') {
            start = memchr::memchr(b'\n', &bytes).map_or(bytes.len(), |end| end + 1);
            let header = bytes[..start].trim_ascii_end();
            for word in header.split(|byte| *byte == b' ') {
                match word {
                    b"peeled" if peeling == Peeling::None => peeling = Peeling::Tags,
                    b"fully-peeled" => peeling = Peeling::All,
                    b"sorted" => sorted = true,
                    _ => {}
                }
            }
        }
        let body = start..bytes.len();
        let mut refs = PackedRefs {
            bytes,
            body,
            peeling,
        };
        refs.check()?;
        if !sorted {
            refs.sort();
        }
        Ok(refs)
    }

    /// All refs whose names begin with `prefix`, by name.
    pub(super) fn with_prefix<'a>(
        &'a self,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = PackedRef<'a>> {
        let mut at = self.first_not_below(prefix);
        std::iter::from_fn(move || {
            let (packed, next) = self.read(at)?;
            at = next;
            packed.name.starts_with(prefix).then_some(packed)
        })
    }

    /// The ref with this full name.
    pub(super) fn find(&self, name: &[u8]) -> Option<PackedRef<'_>> {
        let (packed, _) = self.read(self.first_not_below(name))?;
        (packed.name == name).then_some(packed)
    }

    /// Reports the first line that isn't `<id> <name>` or `^<id>`, so that reading needs no error afterwards.
    fn check(&self) -> Result<(), String> {
        let mut has_ref = false;
        let body = &self.bytes[self.body.clone()];
        let first_line = if self.body.start == 0 { 1 } else { 2 };
        let last_end = body.strip_suffix(b"\n").map(<[u8]>::len);
        if last_end.is_none() && !body.is_empty() {
            return Err("packed-refs is cut off in its last line".to_owned());
        }
        let lines = body[..last_end.unwrap_or(0)].split(|byte| *byte == b'\n');
        for (number, line) in (first_line..).zip(lines) {
            let is_good = match line.split_first() {
                None => body.len() <= 1,
                Some((b'^', id)) => has_ref && ObjectId::from_hex(id.trim_ascii_end()).is_some(),
                Some(_) => {
                    has_ref = true;
                    line.get(40) == Some(&b' ')
                        && line.len() > 41
                        && ObjectId::from_hex(&line[..40]).is_some()
                }
            };
            if !is_good {
                let line = String::from_utf8_lossy(line);
                return Err(format!("line {number} of packed-refs is '{line}'"));
            }
        }
        Ok(())
    }

    /// Old Git versions, and people, write files that aren't sorted.
    fn sort(&mut self) {
        let mut records = Vec::new();
        let mut at = self.body.start;
        while let Some((packed, next)) = self.read(at) {
            records.push((packed.name.to_vec(), at..next));
            at = next;
        }
        records.sort_by(|a, b| a.0.cmp(&b.0));
        let body = records
            .into_iter()
            .flat_map(|(_, record)| self.bytes[record].to_vec())
            .collect::<Vec<u8>>();
        self.body = 0..body.len();
        self.bytes = body;
    }

    /// The start of the first record whose name is not below `name`.
    fn first_not_below(&self, name: &[u8]) -> usize {
        let Range {
            start: mut low,
            end: mut high,
        } = self.body;
        while low < high {
            let middle = self.record_start(low + (high - low) / 2);
            match self.read(middle) {
                Some((packed, next)) if packed.name < name => low = next,
                _ => high = middle,
            }
        }
        low
    }

    /// The start of the record that the byte at `at` belongs to.
    fn record_start(&self, at: usize) -> usize {
        let mut end = at;
        loop {
            let start = memchr::memrchr(b'\n', &self.bytes[self.body.start..end])
                .map_or(self.body.start, |newline| self.body.start + newline + 1);
            if self.bytes.get(start) != Some(&b'^') || start == self.body.start {
                return start;
            }
            end = start - 1;
        }
    }

    /// The record that starts at `at`, and where the next one starts.
    fn read(&self, at: usize) -> Option<(PackedRef<'_>, usize)> {
        let body = self.bytes.get(at..self.body.end)?;
        let end = memchr::memchr(b'\n', body)?;
        let id = ObjectId::from_hex(body.get(..40)?)?;
        let name = body.get(41..end)?.trim_ascii_end();
        let mut next = end + 1;
        let mut peeled = None;
        if body.get(next) == Some(&b'^') {
            peeled = ObjectId::from_hex(body.get(next + 1..next + 41)?);
            next = next + memchr::memchr(b'\n', &body[next..])? + 1;
        } else if self.peeling == Peeling::All
            || (self.peeling == Peeling::Tags && name.starts_with(b"refs/tags/"))
        {
            peeled = Some(id);
        }
        Some((PackedRef { name, id, peeled }, at + next))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# pack-refs with: peeled fully-peeled sorted \n\
        1111111111111111111111111111111111111111 refs/heads/a\n\
        2222222222222222222222222222222222222222 refs/tags/t\n\
        ^3333333333333333333333333333333333333333\n\
        4444444444444444444444444444444444444444 refs/tags/u\n";

    fn names(refs: &PackedRefs, prefix: &str) -> Vec<String> {
        refs.with_prefix(prefix.as_bytes())
            .map(|packed| String::from_utf8_lossy(packed.name).into_owned())
            .collect()
    }

    #[test]
    fn finds_by_name_and_prefix() {
        let refs = PackedRefs::parse(FILE.into()).unwrap();
        assert_eq!(
            names(&refs, ""),
            ["refs/heads/a", "refs/tags/t", "refs/tags/u"]
        );
        assert_eq!(names(&refs, "refs/tags/"), ["refs/tags/t", "refs/tags/u"]);
        assert_eq!(names(&refs, "refs/x"), [""; 0]);
        for name in names(&refs, "") {
            assert!(refs.find(name.as_bytes()).is_some(), "{name}");
        }
        assert!(refs.find(b"refs/tags/tt").is_none());
        let tag = refs.find(b"refs/tags/t").unwrap();
        assert_eq!(tag.peeled.unwrap().to_string(), "3".repeat(40));
        let branch = refs.find(b"refs/heads/a").unwrap();
        assert_eq!(branch.peeled, Some(branch.id));
    }

    #[test]
    fn sorts_a_file_without_the_trait() {
        let id = "1".repeat(40);
        let refs =
            PackedRefs::parse(format!("{id} refs/tags/z\n^{id}\n{id} refs/heads/b\n").into())
                .unwrap();
        assert_eq!(names(&refs, ""), ["refs/heads/b", "refs/tags/z"]);
        assert_eq!(refs.find(b"refs/heads/b").unwrap().peeled, None);
        assert!(refs.find(b"refs/tags/z").unwrap().peeled.is_some());
    }

    #[test]
    fn names_the_bad_line() {
        let message = PackedRefs::parse(format!("{FILE}nonsense\n").into())
            .err()
            .unwrap();
        assert_eq!(message, "line 6 of packed-refs is 'nonsense'");
        let cut = &FILE[..FILE.len() - 5];
        assert!(
            PackedRefs::parse(cut.into())
                .err()
                .unwrap()
                .contains("cut off")
        );
        assert!(PackedRefs::parse(Vec::new()).is_ok());
    }
}
