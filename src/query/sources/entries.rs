//! The refs that a query lists, and the revisions that it names.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::git::{RefPattern, RefScope};
use crate::project::{LoadError, Project};
use crate::query::options::{QueriedRefs, QueryOptions};

/// A ref, or a revision that a query names. A ref that several environments are stands in the list for each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::query) struct Entry {
    /// What the query calls it.
    pub(in crate::query) name: String,
    /// `None` for what is no ref.
    pub(in crate::query) full_name: Option<String>,
    pub(in crate::query) environment: Option<String>,
    /// What Git is asked for.
    pub(super) revision: String,
    /// As an argument named it; `None` in the list.
    pub(in crate::query) argument: Option<String>,
}

/// The entries, each with a number that stays the same.
pub(super) struct Entries {
    all: Vec<Arc<Entry>>,
    /// So many of them are the list.
    listed: usize,
    by_name: HashMap<String, Vec<u32>>,
    by_argument: HashMap<String, u32>,
    environments: Vec<(String, String)>,
    /// By full names, what the query calls them.
    short_names: HashMap<String, String>,
    /// Where the list comes from.
    pub(super) scope: RefScope,
}

impl Entries {
    /// Lists the refs. Only names are read.
    pub(super) fn list(project: &Project, options: &QueryOptions) -> Result<Entries, LoadError> {
        let (scope, patterns, revisions) = match &options.refs {
            QueriedRefs::Scope(scope) => (*scope, None, &[][..]),
            QueriedRefs::Chosen {
                patterns,
                revisions,
            } => (RefScope::All, Some(patterns), &revisions[..]),
        };
        let names = project.repository().ref_names(scope)?;
        let mut entries = Entries {
            all: Vec::new(),
            listed: 0,
            by_name: HashMap::new(),
            by_argument: HashMap::new(),
            environments: options.environments.clone(),
            short_names: short_names(&names),
            scope,
        };
        let chosen: Vec<&String> = match patterns {
            Some(patterns) => fitting(&names, patterns)?,
            None => names.iter().collect(),
        };
        let mut of_ref: HashMap<String, Vec<String>> = HashMap::new();
        let mut others = Vec::new();
        for (environment, revision) in &options.environments {
            match full_name(project, revision) {
                Some(name) => of_ref.entry(name).or_default().push(environment.clone()),
                None => others.push((environment.clone(), revision.clone())),
            }
        }
        let mut listed: HashSet<&str> = HashSet::new();
        for name in chosen {
            listed.insert(name);
            entries.list_ref(name, of_ref.remove(name).unwrap_or_default());
        }
        for revision in revisions {
            match full_name(project, revision) {
                Some(name) if listed.contains(&*name) => {}
                Some(name) => {
                    let environments = of_ref.remove(&name).unwrap_or_default();
                    entries.list_ref(&name, environments);
                }
                None => {
                    project.repository().resolve(revision)?;
                    entries.push(revision.clone(), None, None, revision.clone());
                }
            }
        }
        // Environments of refs that aren't listed are listed as themselves.
        let mut unlisted: Vec<_> = of_ref.into_iter().collect();
        unlisted.sort();
        for (name, environments) in unlisted {
            entries.list_ref(&name, environments);
        }
        for (environment, revision) in others {
            entries.push(revision.clone(), None, Some(environment), revision);
        }
        entries.listed = entries.all.len();
        Ok(entries)
    }

    fn list_ref(&mut self, full_name: &str, environments: Vec<String>) {
        let name = self.name_of(full_name);
        let environments: Vec<Option<String>> = if environments.is_empty() {
            vec![None]
        } else {
            environments.into_iter().map(Some).collect()
        };
        for environment in environments {
            let full_name = full_name.to_owned();
            self.push(
                name.clone(),
                Some(full_name.clone()),
                environment,
                full_name,
            );
        }
    }

    fn name_of(&self, full_name: &str) -> String {
        let known = self.short_names.get(full_name);
        known.map_or_else(|| full_name.to_owned(), Clone::clone)
    }

    fn push(
        &mut self,
        name: String,
        full_name: Option<String>,
        environment: Option<String>,
        revision: String,
    ) {
        let place = self.next();
        self.by_name.entry(name.clone()).or_default().push(place);
        self.all.push(Arc::new(Entry {
            name,
            full_name,
            environment,
            revision,
            argument: None,
        }));
    }

    fn next(&self) -> u32 {
        u32::try_from(self.all.len()).expect("memory ends before four thousand million refs")
    }

    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    pub(super) fn get(&self, entry: u32) -> &Arc<Entry> {
        &self.all[entry as usize]
    }

    /// The list.
    pub(super) fn listed(&self) -> impl Iterator<Item = u32> + use<> {
        let listed = u32::try_from(self.listed).expect("each has a number");
        0..listed
    }

    /// What of the list has one of these names, each once, in the order of the list.
    pub(super) fn named(&self, names: &[String]) -> Vec<u32> {
        let found = names.iter().filter_map(|name| self.by_name.get(name));
        let mut found: Vec<u32> = found.flatten().copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// What an argument names: something of the list, an environment, or anything that Git resolves.
    pub(super) fn argument(&mut self, project: &Project, argument: &str) -> u32 {
        if let Some(known) = self.by_argument.get(argument) {
            return *known;
        }
        let listed = self.by_name.get(argument).and_then(|found| found.first());
        let mut found = match listed {
            Some(found) => self.get(*found).as_ref().clone(),
            None => self.revision(project, argument),
        };
        found.argument = Some(argument.to_owned());
        let entry = self.next();
        self.all.push(Arc::new(found));
        self.by_argument.insert(argument.to_owned(), entry);
        entry
    }

    /// The same for what must be there.
    ///
    /// # Errors
    /// It names no commit.
    pub(super) fn existing(&mut self, project: &Project, argument: &str) -> Result<u32, LoadError> {
        let entry = self.argument(project, argument);
        project.repository().resolve(&self.get(entry).revision)?;
        Ok(entry)
    }

    fn revision(&self, project: &Project, argument: &str) -> Entry {
        let environment = match project.repository().resolve(argument) {
            Ok(_) => None,
            Err(_) => self.environments.iter().find(|(name, _)| name == argument),
        };
        let revision = environment.map_or(argument, |(_, revision)| revision);
        let full_name = full_name(project, revision);
        let name = full_name.as_ref().map(|name| self.name_of(name));
        let mut environments = self.environments.iter();
        let of_same = environments.find(|(_, known)| known == revision);
        Entry {
            name: name.unwrap_or_else(|| revision.to_owned()),
            environment: of_same.map(|(name, _)| name.clone()),
            revision: full_name.clone().unwrap_or_else(|| revision.to_owned()),
            full_name,
            argument: None,
        }
    }
}

/// The full name of the ref that a revision names, if it names one.
fn full_name(project: &Project, revision: &str) -> Option<String> {
    let session = project.session();
    let resolved = session.git(|reader| reader.resolve(revision));
    resolved.ok()?.ref_name
}

/// Branches and tags without what all of them begin with, unless a branch and a tag would have one name.
fn short_names(names: &[String]) -> HashMap<String, String> {
    let short = |name: &String| -> Option<String> {
        let short = name.strip_prefix("refs/heads/");
        let short = short.or_else(|| name.strip_prefix("refs/tags/"))?;
        Some(short.to_owned())
    };
    let mut count: HashMap<String, usize> = HashMap::new();
    for short in names.iter().filter_map(short) {
        *count.entry(short).or_default() += 1;
    }
    let alone = names.iter().filter_map(|name| {
        let short = short(name)?;
        // A branch may be called like another ref in full.
        let is_alone = count[&short] == 1 && !short.starts_with("refs/");
        is_alone.then(|| (name.clone(), short))
    });
    alone.collect()
}

fn fitting<'n>(names: &'n [String], patterns: &[RefPattern]) -> Result<Vec<&'n String>, LoadError> {
    let nothing = patterns
        .iter()
        .find(|pattern| !names.iter().any(|name| pattern.fits(name)));
    if let Some(pattern) = nothing {
        return Err(LoadError::NothingFits {
            pattern: pattern.as_str().to_owned(),
            meant: None,
        });
    }
    let fits = |name: &&String| patterns.iter().any(|pattern| pattern.fits(name));
    Ok(names.iter().filter(fits).collect())
}
