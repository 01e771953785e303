//! From a revision to a commit.

use super::error::{Error, Result, explain};
use super::loose_refs::RefValue;
use super::object_id::ObjectId;
use super::reader::{Reader, Tip};
use super::ref_store::Followed;
use super::repository::Repository;

/// What a revision names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// The commit.
    pub(crate) commit: ObjectId,
    /// The commit's tree.
    pub(crate) tree: ObjectId,
    /// The full name (`refs/heads/old`), if the revision names a ref rather than a commit reached from one. `HEAD`,
    /// `@`, `@{-1}` and `main@{upstream}` name the branch they stand for; a symbolic ref, the ref it points to. `None`
    /// for a detached `HEAD`.
    pub(crate) ref_name: Option<String>,
    /// The full names of further refs that the same short name fits. As in Git the first one in its order of
    /// precedence (tags before branches) was taken; a caller may want to warn.
    pub(crate) also_named: Vec<String>,
}

/// In this order Git tries what a short name may be short for.
const EXPANSIONS: [(&str, &str); 6] = [
    ("", ""),
    ("refs/", ""),
    ("refs/tags/", ""),
    ("refs/heads/", ""),
    ("refs/remotes/", ""),
    ("refs/remotes/", "/HEAD"),
];

/// What the part of a revision before its first mark names.
struct Base {
    id: ObjectId,
    ref_name: Option<String>,
    also_named: Vec<String>,
}

impl Repository {
    /// The commit that a revision names, as `git rev-parse` does: a branch, a tag, a commit's id or the beginning of one,
    /// `main~3`, `@{-1}`, ...
    ///
    /// # Errors
    /// [`Error::RevisionNotFound`], [`Error::Ambiguous`]; [`Error::InvalidRevision`] for what names no single commit
    /// (`a..b`), [`Error::WrongKind`] for what names a tree or a blob.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId> {
        Ok(self.reader().resolve(revision)?.commit)
    }
}

impl Reader {
    /// Finds the commit that `revision` names, as `git rev-parse` does: a branch, a tag (an annotated one leads to its
    /// commit), a commit id or the beginning of one, `HEAD`, `main~3`, `v1^2`, `@{-1}`, `main@{yesterday}`,
    /// `:/text`, ...
    ///
    /// # Errors
    /// [`Error::RevisionNotFound`], [`Error::Ambiguous`], [`Error::InvalidRevision`] for what names no single commit
    /// (`a..b`), [`Error::WrongKind`] for what names a tree or a blob.
    pub(crate) fn resolve(&self, revision: &str) -> Result<Resolved> {
        if revision.is_empty() {
            return Err(invalid(revision, "it is empty"));
        }
        if revision.len() > LONGEST_REVISION {
            let beginning: String = revision.chars().take(60).collect();
            return Err(invalid(
                &format!("{beginning}..."),
                "no ref has so long a name",
            ));
        }
        let base_end = ["^", "~", ":", "@{"]
            .iter()
            .filter_map(|mark| revision.find(mark))
            .min()
            .unwrap_or(revision.len());
        let (base, rest) = revision.split_at(base_end);
        if base.contains("..") {
            return Err(invalid(revision, "it is a range"));
        }
        if base.is_empty() && rest.starts_with('^') {
            return Err(invalid(revision, "it excludes commits"));
        }
        if rest.starts_with("@{") {
            return self.resolve_with_reflog(revision);
        }
        if base.is_empty() {
            let id = self.parse_with_gix(revision, revision)?.0;
            return self.resolved(id, None, Vec::new());
        }

        let Some(Base {
            id,
            ref_name,
            also_named,
        }) = self.resolve_base(revision, base)?
        else {
            let id = self.parse_with_gix(revision, revision)?.0;
            return self.resolved(id, None, Vec::new());
        };
        if rest.is_empty() {
            return self.resolved(id, ref_name, also_named);
        }
        let id = self.parse_with_gix(revision, &format!("{id}{rest}"))?.0;
        self.resolved(id, None, also_named)
    }

    /// Resolves a plain name or a full id. `None`: it is neither, perhaps the beginning of an id.
    fn resolve_base(&self, revision: &str, base: &str) -> Result<Option<Base>> {
        if let Some(id) = ObjectId::from_hex(base.as_bytes()) {
            return match self.kind(id)? {
                Some(_) => Ok(Some(Base {
                    id,
                    ref_name: None,
                    also_named: Vec::new(),
                })),
                None if self.repository().is_partial_clone() => Err(self.missing(id)),
                None => {
                    let reason = "no object has this id".to_owned();
                    Err(self.not_reached(revision, reason))
                }
            };
        }
        let base = if base == "@" { "HEAD" } else { base };
        let mut taken: Option<(ObjectId, String)> = None;
        let mut also_named = Vec::new();
        let mut reason = None;
        let names = EXPANSIONS.map(|(before, after)| format!("{before}{base}{after}"));
        let names = names.into_iter();
        // A file of this name in the Git folder is no ref: `config`, `index`.
        let names = names.filter(|name| name.starts_with("refs/") || is_pseudo_ref(name));
        for (name, followed) in self.repository().refs().follow_each(names)? {
            match followed {
                Followed::Ref {
                    name: found,
                    value: RefValue::Id { id, .. },
                } => match &taken {
                    None => taken = Some((id, found)),
                    Some((_, first)) if *first != found => also_named.push(name),
                    Some(_) => {}
                },
                Followed::Ref {
                    value: RefValue::Broken(why),
                    ..
                } => {
                    reason.get_or_insert(format!("{name} is damaged: {why}"));
                }
                Followed::Missing { name: target } => {
                    reason.get_or_insert(match target.strip_prefix("refs/heads/") {
                        Some(branch) if name == "HEAD" => {
                            format!("the branch '{branch}' has no commit yet")
                        }
                        _ => format!("{name} points to {target}, which doesn't exist"),
                    });
                }
                Followed::Ref { .. } => {}
            }
        }
        match (taken, reason) {
            (Some((id, name)), _) => {
                let ref_name = name.starts_with("refs/").then_some(name);
                Ok(Some(Base {
                    id,
                    ref_name,
                    also_named,
                }))
            }
            (None, Some(reason)) => Err(self.not_found(revision, reason)),
            (None, None) => Ok(None),
        }
    }

    /// Resolves what begins with a ref and its reflog or configuration: `main@{1}`, `@{-1}`, `@{upstream}`.
    fn resolve_with_reflog(&self, revision: &str) -> Result<Resolved> {
        let (id, ref_name) = self.parse_with_gix(revision, revision)?;
        let ref_name = ref_name.filter(|_| names_a_branch(revision));
        self.resolved(id, ref_name, Vec::new())
    }

    /// Lets `gix` evaluate `text`; errors speak of `revision`.
    fn parse_with_gix(&self, revision: &str, text: &str) -> Result<(ObjectId, Option<String>)> {
        // The cache of packed refs that `gix` has notices changes by the file's time alone. Fails without such a file.
        let _ = self.gix().refs.force_refresh_packed_buffer();
        let parsed = self.try_parse(text).or_else(|_| {
            self.renew_handle();
            self.try_parse(text)
        });
        match parsed {
            Ok(Some(found)) => Ok(found),
            Ok(None) => Err(invalid(
                revision,
                "it names more than one commit, or excludes some",
            )),
            Err(error) => Err(self.explain_failure(revision, &error)),
        }
    }

    /// The object, and the ref that was met first. `None`: several objects.
    fn try_parse(&self, text: &str) -> gix::Result<Option<(ObjectId, Option<String>)>> {
        let options = gix::revision::spec::parse::Options {
            object_kind_hint: Some(gix::revision::spec::parse::ObjectKindHint::Committish),
            ..Default::default()
        };
        let gix = self.gix();
        let spec = gix::revision::Spec::from_bstr(text, &gix, options)?;
        let ref_name = spec.first_reference().map(|found| found.name.to_string());
        Ok(match spec.detach() {
            gix::revision::plumbing::Spec::Include(id) => Some((ObjectId::from_gix(&id), ref_name)),
            _ => None,
        })
    }

    fn explain_failure(&self, revision: &str, error: &gix::Error) -> Error {
        let candidates = self.candidates(revision);
        if candidates.len() > 1 {
            return Error::Ambiguous {
                prefix: revision.to_owned(),
                candidates,
            };
        }
        let is_plain = revision.bytes().all(|byte| !b"^~:@{".contains(&byte));
        let reason = if is_plain {
            "no ref or object has this name; see git branch --all and git tag".to_owned()
        } else {
            // The causes above it are about the parser's own calls.
            let deepest = error.iter_errors().last();
            let reason = deepest.map_or_else(|| explain(error), ToString::to_string);
            return self.not_reached(revision, reason);
        };
        self.not_found(revision, reason)
    }

    /// The objects that a short id, the revision's beginning, fits.
    fn candidates(&self, revision: &str) -> Vec<String> {
        let end = revision
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(revision.len());
        let Ok(prefix) = gix::hash::Prefix::from_hex(&revision[..end]) else {
            return Vec::new();
        };
        let mut found = Default::default();
        let lookup = self.gix().objects.lookup_prefix(prefix, Some(&mut found));
        if lookup.is_err() {
            return Vec::new();
        }
        let mut candidates: Vec<String> = found
            .iter()
            .map(|id| {
                let id = ObjectId::from_gix(id);
                match self.kind(id) {
                    Ok(Some(kind)) => format!("{id} ({kind})"),
                    _ => id.to_string(),
                }
            })
            .collect();
        candidates.sort();
        candidates
    }

    fn resolved(
        &self,
        id: ObjectId,
        ref_name: Option<String>,
        also_named: Vec<String>,
    ) -> Result<Resolved> {
        let Tip { commit, tree } = self.tip(id)?;
        Ok(Resolved {
            commit,
            tree,
            ref_name,
            also_named,
        })
    }

    fn not_found(&self, revision: &str, reason: String) -> Error {
        Error::RevisionNotFound {
            revision: revision.to_owned(),
            git_dir: self.git_dir().to_owned(),
            reason,
            is_cut_off: false,
        }
    }

    /// The same of a commit that is told by its place in the history, which a shallow clone may just not have.
    fn not_reached(&self, revision: &str, reason: String) -> Error {
        Error::RevisionNotFound {
            revision: revision.to_owned(),
            git_dir: self.git_dir().to_owned(),
            reason,
            is_cut_off: self.repository().is_shallow(),
        }
    }
}

/// In bytes: more than the path of any file may have.
const LONGEST_REVISION: usize = 4096;

fn invalid(revision: &str, reason: &str) -> Error {
    Error::InvalidRevision {
        revision: revision.to_owned(),
        reason: reason.to_owned(),
    }
}

/// `HEAD`, `FETCH_HEAD` and the like.
fn is_pseudo_ref(name: &str) -> bool {
    name.bytes()
        .all(|byte| byte.is_ascii_uppercase() || byte == b'_' || byte == b'-')
}

/// Whether `...@{...}` stands for a branch itself, not for a place in a reflog.
fn names_a_branch(revision: &str) -> bool {
    let Some((_, inner)) = revision
        .strip_suffix('}')
        .and_then(|rest| rest.rsplit_once("@{"))
    else {
        return false;
    };
    let is_previous = inner
        .strip_prefix('-')
        .is_some_and(|number| number.parse::<u32>().is_ok());
    is_previous
        || ["u", "upstream", "push"]
            .iter()
            .any(|word| inner.eq_ignore_ascii_case(word))
}
