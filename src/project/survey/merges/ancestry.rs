//! Which commits come from which. Times say nothing of that: clocks are wrong, and many commits are of one second.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};

use crate::git::{ObjectId, PastCommit};

/// The commits of a history.
#[derive(Default)]
pub(super) struct Ancestry {
    places: HashMap<ObjectId, usize>,
    parents: Vec<Vec<usize>>,
    children: Vec<Vec<usize>>,
    /// How many commits there are, at most, between a commit and one without parents.
    generations: Vec<usize>,
    /// The line of first parents that a commit is in: of two in one line, the higher one comes from the lower one.
    lines: Vec<usize>,
    known: RefCell<HashMap<(usize, usize), bool>>,
    /// How many commits were visited, for the test of growth.
    visited: Cell<usize>,
}

impl Ancestry {
    pub(super) fn of(history: &[PastCommit]) -> Ancestry {
        let commits = history.iter().map(|it| (it.commit, &*it.parents));
        Ancestry::of_commits(&commits.collect::<Vec<_>>())
    }

    fn of_commits(history: &[(ObjectId, &[ObjectId])]) -> Ancestry {
        let places: HashMap<ObjectId, usize> =
            history.iter().map(|(commit, _)| *commit).zip(0..).collect();
        let known = |(_, parents): &(ObjectId, &[ObjectId])| {
            let parents = parents.iter().filter_map(|it| places.get(it).copied());
            parents.collect::<Vec<usize>>()
        };
        let parents: Vec<Vec<usize>> = history.iter().map(known).collect();
        let mut children = vec![Vec::new(); parents.len()];
        for (child, parents) in parents.iter().enumerate() {
            parents
                .iter()
                .for_each(|parent| children[*parent].push(child));
        }
        let mut missing: Vec<usize> = parents.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..missing.len()).filter(|at| missing[*at] == 0).collect();
        let mut generations = vec![0; parents.len()];
        let mut order = Vec::with_capacity(parents.len());
        while let Some(at) = ready.pop() {
            order.push(at);
            for child in &children[at] {
                generations[*child] = generations[*child].max(generations[at] + 1);
                missing[*child] -= 1;
                if missing[*child] == 0 {
                    ready.push(*child);
                }
            }
        }
        let mut lines: Vec<usize> = (0..parents.len()).collect();
        let mut is_continued = vec![false; parents.len()];
        for at in order {
            if let Some(first) = parents[at].first()
                && !std::mem::replace(&mut is_continued[*first], true)
            {
                lines[at] = lines[*first];
            }
        }
        Ancestry {
            places,
            parents,
            children,
            generations,
            lines,
            ..Ancestry::default()
        }
    }

    /// How far a commit is from the first, at most.
    pub(super) fn generation(&self, commit: ObjectId) -> usize {
        let place = self.places.get(&commit);
        place.map_or(0, |place| self.generations[*place])
    }

    /// Whether a commit has another one in its history, or is it.
    pub(super) fn comes_from(&self, later: ObjectId, earlier: ObjectId) -> bool {
        let place = |commit| self.places.get(&commit).copied();
        let (Some(later), Some(earlier)) = (place(later), place(earlier)) else {
            return false;
        };
        if let Some(known) = self.known.borrow().get(&(later, earlier)) {
            return *known;
        }
        let found = self.search(later, earlier);
        self.known.borrow_mut().insert((later, earlier), found);
        found
    }

    /// Looks from both ends in turns: a branch that goes on for long beside the other commit costs nothing then, on neither side.
    fn search(&self, later: usize, earlier: usize) -> bool {
        let (lines, generations) = (&self.lines, &self.generations);
        let (from, to) = (generations[earlier], generations[later]);
        let is_behind = |at: usize| lines[at] == lines[earlier] && generations[at] >= from;
        let is_before = |at: usize| lines[at] == lines[later] && generations[at] <= to;
        let (mut down, mut up) = (vec![later], vec![earlier]);
        let (mut seen_down, mut seen_up) = (HashSet::from([later]), HashSet::from([earlier]));
        loop {
            let Some(at) = down.pop() else { return false };
            self.visited.set(self.visited.get() + 1);
            if is_behind(at) || seen_up.contains(&at) {
                return true;
            }
            let parents = self.parents[at].iter().copied();
            let parents = parents.filter(|it| generations[*it] >= from);
            down.extend(parents.filter(|it| seen_down.insert(*it)));
            let Some(at) = up.pop() else { return false };
            if is_before(at) || seen_down.contains(&at) {
                return true;
            }
            let children = self.children[at].iter().copied();
            let children = children.filter(|it| generations[*it] <= to);
            up.extend(children.filter(|it| seen_up.insert(*it)));
        }
    }

    /// A commit and all that have it in their history.
    pub(super) fn descendants(&self, commit: ObjectId) -> HashSet<ObjectId> {
        let mut found = HashSet::from([commit]);
        let mut next: Vec<usize> = self.places.get(&commit).copied().into_iter().collect();
        let mut seen: HashSet<usize> = next.iter().copied().collect();
        while let Some(at) = next.pop() {
            let children = self.children[at].iter().copied();
            next.extend(children.filter(|child| seen.insert(*child)));
        }
        let commits = self.places.iter().filter(|(_, at)| seen.contains(at));
        found.extend(commits.map(|(commit, _)| *commit));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: usize) -> ObjectId {
        format!("{number:040x}").parse().unwrap()
    }

    fn history(parents: &[Vec<usize>]) -> Ancestry {
        let commits: Vec<(ObjectId, Vec<ObjectId>)> = parents
            .iter()
            .enumerate()
            .map(|(at, parents)| (id(at), parents.iter().map(|it| id(*it)).collect()))
            .collect();
        let mut commits: Vec<_> = commits
            .iter()
            .map(|(it, parents)| (*it, &**parents))
            .collect();
        commits.reverse();
        Ancestry::of_commits(&commits)
    }

    /// Every pair of random histories, against all ancestors of each.
    #[test]
    fn a_commit_comes_from_its_ancestors_and_no_others() {
        let mut state = 7_usize;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            (state >> 33) % below
        };
        for _ in 0..60 {
            let mut parents: Vec<Vec<usize>> = vec![Vec::new()];
            for at in 1..25 {
                let count = random(8).min(2);
                let mut of: Vec<usize> = (0..count).map(|_| random(at)).collect();
                of.dedup();
                parents.push(of);
            }
            let ancestry = history(&parents);
            let mut all: Vec<HashSet<usize>> = Vec::new();
            for (at, of) in parents.iter().enumerate() {
                let mut mine = HashSet::from([at]);
                of.iter()
                    .for_each(|parent| mine.extend(all[*parent].clone()));
                all.push(mine);
            }
            for (later, ancestors) in all.iter().enumerate() {
                for earlier in 0..parents.len() {
                    let expected = ancestors.contains(&earlier);
                    let found = ancestry.comes_from(id(later), id(earlier));
                    assert_eq!(found, expected, "{parents:?} {later} {earlier}");
                    let descends = ancestry.descendants(id(earlier)).contains(&id(later));
                    assert_eq!(descends, expected);
                }
            }
        }
    }

    /// A long line of commits with pairs that are far apart in it, a branch as long beside it, and branches from its beginning.
    #[test]
    fn asking_for_many_pairs_visits_a_few_commits_for_each() {
        let visited = |length: usize| {
            let mut parents: Vec<Vec<usize>> = vec![Vec::new()];
            // The line has the even numbers, the branch beside it the odd ones.
            for at in 1..2 * length {
                parents.push(vec![at.saturating_sub(2)]);
            }
            let first = parents.len();
            parents.extend((0..length).map(|_| vec![0]));
            let ancestry = history(&parents);
            for at in 1..length - 1 {
                let late = 2 * (length - 1);
                assert!(ancestry.comes_from(id(late), id(2 * at)));
                assert!(!ancestry.comes_from(id(2 * at + 2), id(2 * at + 1)));
                assert!(!ancestry.comes_from(id(late), id(first + at)));
            }
            ancestry.visited.get()
        };
        let (short, long) = (visited(500), visited(5_000));
        assert!(long <= 11 * short, "{short} {long}");
        assert!(long <= 12 * 5_000, "{long}");
    }
}
