//! Finding names that stand more than once.

use std::sync::Arc;

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::doubled::Doubled;
use super::nodes::Tree;

/// Up to this many names are compared pair by pair.
const FEW: usize = 16;

impl Tree {
    /// The attributes and entries of one name in one node, where there are several; in the order of their nodes. Looks at each
    /// node once or twice.
    pub(in crate::ocl) fn find_doubled(&self) -> Vec<Vec<u32>> {
        let mut found = Vec::new();
        let mut names = Vec::new();
        for holder in 0..self.count() as u32 {
            if !self.kind(holder).is_holder() {
                continue;
            }
            names.clear();
            let members = self
                .inner(holder)
                .filter(|&child| self.kind(child).is_member());
            names.extend(members.map(|member| (self.name(member), member)));
            let is_doubled = if names.len() <= FEW {
                let mut each = names.iter().enumerate();
                each.any(|(at, (name, _))| names[..at].iter().any(|(earlier, _)| earlier == name))
            } else {
                let mut earlier: HashSet<&str> = HashSet::with_capacity(names.len());
                names.iter().any(|(name, _)| !earlier.insert(name))
            };
            if !is_doubled {
                continue;
            }
            let mut groups: HashMap<&str, Vec<u32>> = HashMap::with_capacity(names.len());
            for (name, member) in &names {
                groups.entry(name).or_default().push(*member);
            }
            let before = found.len();
            found.extend(groups.into_values().filter(|group| group.len() > 1));
            found[before..].sort_unstable();
        }
        found
    }

    /// Notes which names are doubled.
    pub(in crate::ocl) fn set_doubled(&mut self, doubled: Doubled) {
        self.doubled = Some(Arc::new(doubled));
    }

    /// What was noted, if any name is doubled.
    pub(in crate::ocl) fn doubled(&self) -> Option<&Doubled> {
        self.doubled.as_deref()
    }
}
