//! Refs grouped by what became of them: three thousand branches with one problem are one problem.

use std::collections::HashMap;

use super::project::{RehearsedOutcome, RehearsedProject};
use super::refs::Rehearsed;
use crate::migrate::LineChanges;

/// All groups of some repositories, the worst first, and of the equally bad the largest.
#[derive(Debug)]
pub struct RehearsalGroups {
    /// The groups.
    pub groups: Vec<RehearsalGroup>,
    /// By repository, by its distinct cases, by their projects: the place in `groups`.
    places: Vec<Vec<Vec<usize>>>,
}

/// Refs with one result.
#[derive(Debug)]
pub struct RehearsalGroup {
    /// What became of them.
    pub outcome: RehearsedOutcome,
    /// What they were at, where that is part of the result: where documents change.
    pub branch_version: Option<u32>,
    /// The problems, losses or changes that they have in common, each about a kind of documents.
    pub traits: Vec<String>,
    /// The refs, each with one base path, in order.
    pub members: Vec<RehearsalMember>,
    /// How many documents change in each.
    pub changed: Spread,
    /// How many lines that adds in each.
    pub added: Spread,
    /// How many lines that removes in each.
    pub removed: Spread,
}

/// A ref and one of its base paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RehearsalMember {
    repository: u32,
    reference: u32,
    project: u32,
}

/// The least and the most of several numbers, and their sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// The least.
    pub least: usize,
    /// The most.
    pub most: usize,
    /// All together.
    pub sum: usize,
}

impl RehearsalGroups {
    /// Groups the refs of some repositories, which are told by their places from then on.
    pub fn of(repositories: &[Rehearsed]) -> RehearsalGroups {
        let mut groups = RehearsalGroups {
            groups: Vec::new(),
            places: Vec::new(),
        };
        let mut known = HashMap::new();
        for rehearsed in repositories {
            let cases = rehearsed.projects.iter();
            let places = cases.map(|projects| {
                let places = projects.iter().map(|project| {
                    let version = match project.outcome() {
                        RehearsedOutcome::Changed => project.branch_version,
                        _ => None,
                    };
                    let key = (project.outcome(), version, &project.traits);
                    *known.entry(key).or_insert_with(|| {
                        groups.groups.push(RehearsalGroup::new(project, version));
                        groups.groups.len() - 1
                    })
                });
                places.collect()
            });
            groups.places.push(places.collect());
        }
        for (repository, rehearsed) in repositories.iter().enumerate() {
            groups.add_members(repository, rehearsed);
        }
        groups.sort();
        groups
    }

    /// The group of a ref's project, by its place in [`groups`](RehearsalGroups::groups).
    ///
    /// # Panics
    /// Where there is no such ref in the repositories that were grouped.
    pub fn place_of(
        &self,
        repository: usize,
        rehearsed: &Rehearsed,
        reference: usize,
        project: usize,
    ) -> usize {
        self.places[repository][rehearsed.refs.case(reference)][project]
    }

    /// How many of a group's refs would get a marker that states another version.
    pub fn moving_markers(group: &RehearsalGroup, repositories: &[Rehearsed]) -> usize {
        let members = group.members.iter();
        let moving = members.filter(|member| {
            let reference = repositories[member.repository()].get(member.reference());
            reference.projects[member.project()].moves_marker()
        });
        moving.count()
    }

    /// How many projects of refs came out so.
    pub fn count(&self, outcome: RehearsedOutcome) -> usize {
        let groups = self.groups.iter().filter(|group| group.outcome == outcome);
        groups.map(|group| group.members.len()).sum()
    }

    fn add_members(&mut self, repository: usize, rehearsed: &Rehearsed) {
        for reference in 0..rehearsed.len() {
            let case = rehearsed.refs.case(reference);
            let projects = rehearsed.projects[case].iter();
            for (index, project) in projects.enumerate() {
                let group = &mut self.groups[self.places[repository][case][index]];
                group.members.push(RehearsalMember {
                    repository: narrow(repository),
                    reference: narrow(reference),
                    project: narrow(index),
                });
                let LineChanges { added, removed } = project.lines();
                group.changed.add(project.changed.len());
                group.added.add(added);
                group.removed.add(removed);
            }
        }
    }

    fn sort(&mut self) {
        let mut order: Vec<usize> = (0..self.groups.len()).collect();
        order.sort_by_key(|index| {
            let group = &self.groups[*index];
            (group.outcome, std::cmp::Reverse(group.members.len()))
        });
        let mut now = vec![0; order.len()];
        for (place, before) in order.iter().enumerate() {
            now[*before] = place;
        }
        for place in self.places.iter_mut().flatten().flatten() {
            *place = now[*place];
        }
        let mut groups: Vec<_> = self.groups.drain(..).zip(now).collect();
        groups.sort_by_key(|(_, place)| *place);
        self.groups = groups.into_iter().map(|(group, _)| group).collect();
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("there are fewer than 2^32 refs")
}

impl RehearsalGroup {
    fn new(project: &RehearsedProject, branch_version: Option<u32>) -> RehearsalGroup {
        RehearsalGroup {
            outcome: project.outcome(),
            branch_version,
            traits: project.traits.clone(),
            members: Vec::new(),
            changed: Spread::EMPTY,
            added: Spread::EMPTY,
            removed: Spread::EMPTY,
        }
    }
}

impl RehearsalMember {
    /// The place of its repository among those that were grouped.
    pub fn repository(&self) -> usize {
        self.repository as usize
    }

    /// The place of the ref in its repository, for [`Rehearsed::get`].
    pub fn reference(&self) -> usize {
        self.reference as usize
    }

    /// The place of the project among the ref's.
    pub fn project(&self) -> usize {
        self.project as usize
    }
}

impl Spread {
    const EMPTY: Spread = Spread {
        least: usize::MAX,
        most: 0,
        sum: 0,
    };

    fn add(&mut self, number: usize) {
        self.least = self.least.min(number);
        self.most = self.most.max(number);
        self.sum += number;
    }
}
