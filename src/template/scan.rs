//! Reads what every `#{` of a text begins.
//!
//! Whether an `if` is one depends on what follows it, to the text's end: the plain way to read that is exponential. Here the
//! items are read from the last to the first, so that all that lies within one is known already: no recursion, linear time.

use std::cell::OnceCell;

use memchr::memmem;

use super::grammar::Reader;
use super::items::{Body, Item, Items, Kind, Stopped};
use super::model::Role;
use super::path::Path;

impl<'t> Path<'t> {
    /// Reads the name of a variable as the server does: what follows the last step it understands doesn't count.
    ///
    /// ```
    /// use ocl_migrate::template::Path;
    ///
    /// let name = Path::read("Database . Server[eu]").expect("a name");
    /// assert_eq!(name.key(), Path::read("database.server[EU]").expect("a name").key());
    /// assert_eq!(Path::read("#nothing"), None);
    /// ```
    #[must_use]
    pub fn read(name: &'t str) -> Option<Path<'t>> {
        let items = Items::read(name);
        Reader::new(name, &items).path(0).ok().map(|(path, _)| path)
    }
}

impl<'t> Items<'t> {
    pub(super) fn read(text: &'t str) -> Self {
        let bytes = text.as_bytes();
        let at: Vec<usize> = memmem::find_iter(bytes, b"#{")
            .filter(|&at| {
                // `##` before `#{` is one `#`, `##{` is `#{` as text.
                let hashes = bytes[..at].iter().rev().take_while(|&&byte| byte == b'#');
                hashes.count().is_multiple_of(2)
            })
            .collect();
        let mut items = Self {
            text,
            reversed: Vec::with_capacity(at.len()),
            brackets: OnceCell::new(),
            at,
        };
        for index in (0..items.at.len()).rev() {
            let item = items.item(items.at[index]);
            items.reversed.push(item);
        }
        items
    }

    /// The item at a place, given those after it.
    fn item(&self, at: usize) -> Item {
        let mut reader = Reader::new(self.text, self);
        let substitution = reader.substitution(at, Role::Value);
        let read = self.kind(&mut reader, at, substitution.map(|(end, _)| end));
        let run_end = |body| match read {
            Ok((_, end)) => self.run_end(end, body),
            Err(_) => at,
        };
        let ends_unless = reader.literal(at, "#{else}").is_ok();
        let ends_if = ends_unless || reader.else_if(at).is_ok();
        Item {
            read,
            plain_substitution: match substitution {
                Ok((end, true)) => Some(end),
                _ => None,
            },
            run_ends: [
                run_end(Body::Plain),
                if ends_unless {
                    at
                } else {
                    run_end(Body::Unless)
                },
                if ends_if { at } else { run_end(Body::If) },
            ],
            else_ifs_end: match reader.else_if_head(at) {
                Ok(body) => self.else_ifs_end(self.run_end(body, Body::If)),
                Err(_) => at,
            },
        }
    }

    fn kind(
        &self,
        reader: &mut Reader<'_, '_>,
        at: usize,
        substitution: Result<usize, Stopped>,
    ) -> Result<(Kind, usize), Stopped> {
        let all = [
            (Kind::Conditional, self.conditional(reader, at)),
            (Kind::Calculation, reader.calculation(at)),
            (Kind::Repetition, self.repetition(reader, at)),
            (Kind::Substitution, substitution),
        ];
        // As text, the server stops after the `#`.
        let mut stopped = at + 1;
        for (kind, read) in all {
            match read {
                Ok(end) => return Ok((kind, end)),
                Err(Stopped(place)) => stopped = stopped.max(place),
            }
        }
        Err(Stopped(stopped))
    }

    fn conditional(&self, reader: &mut Reader<'_, '_>, at: usize) -> Result<usize, Stopped> {
        let (body, is_if) = reader.conditional_head(at)?;
        let mut end = if is_if {
            self.else_ifs_end(self.run_end(body, Body::If))
        } else {
            self.run_end(body, Body::Unless)
        };
        if let Ok(otherwise) = reader.literal(end, "#{else}") {
            end = self.run_end(otherwise, Body::Plain);
        }
        reader.literal(end, if is_if { "#{/if}" } else { "#{/unless}" })
    }

    fn repetition(&self, reader: &mut Reader<'_, '_>, at: usize) -> Result<usize, Stopped> {
        let (_, body) = reader.each_head(at)?;
        reader.literal(self.run_end(body, Body::Plain), "#{/each}")
    }
}
