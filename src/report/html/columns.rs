//! The versions of the axis, from left to right.

use std::collections::BTreeMap;

use super::lanes::{Lane, Versions};

/// All lengths are in CSS pixels.
const NARROWEST: usize = 60;
const WIDEST: usize = 112;
/// The width of a version without a step.
const BARE: usize = 52;
/// A longer axis leaves out the versions without a step.
const MOST_FILLED: u32 = 24;

/// Where each version stands.
pub(super) struct Columns {
    /// The left edge and the width.
    by_version: BTreeMap<u32, (usize, usize)>,
    /// The width of a place for one mark.
    slot: usize,
    pub(super) width: usize,
}

impl Columns {
    pub(super) fn of(versions: &Versions, lanes: &[Lane]) -> Columns {
        let mut slots: BTreeMap<u32, usize> = BTreeMap::new();
        let marked = [
            Some(versions.branch.unwrap_or(0)),
            versions.project,
            Some(versions.target),
            Some(versions.server),
        ];
        for version in marked
            .into_iter()
            .flatten()
            .chain(versions.unknown.iter().copied())
        {
            slots.insert(version, 0);
        }
        for lane in lanes {
            let mut here: BTreeMap<u32, usize> = BTreeMap::new();
            for cell in &lane.cells {
                *here.entry(cell.version).or_default() += 1;
            }
            for (version, count) in here {
                let slot = slots.entry(version).or_default();
                *slot = (*slot).max(count);
            }
        }
        fill(&mut slots);
        let total: usize = slots.values().sum();
        let slot = (720 / total.max(1)).clamp(NARROWEST, WIDEST);
        let mut left = 0;
        let by_version = slots
            .into_iter()
            .map(|(version, count)| {
                let place = (left, if count == 0 { BARE } else { count * slot });
                left += place.1;
                (version, place)
            })
            .collect();
        Columns {
            by_version,
            slot,
            width: left,
        }
    }

    /// The middle of one of the places of a version.
    pub(super) fn place(&self, version: u32, index: usize) -> usize {
        self.extent(version).0 + index * self.slot + self.slot / 2
    }

    pub(super) fn middle(&self, version: u32) -> usize {
        let (left, width) = self.extent(version);
        left + width / 2
    }

    /// The left edge and the width of a version.
    pub(super) fn extent(&self, version: u32) -> (usize, usize) {
        self.by_version.get(&version).copied().unwrap_or_default()
    }

    /// From left to right.
    pub(super) fn versions(&self) -> impl Iterator<Item = u32> {
        self.by_version.keys().copied()
    }
}

/// Puts the versions between those that are there on the axis too, unless they are many.
pub(super) fn fill<T: Default>(versions: &mut BTreeMap<u32, T>) {
    let first = versions.keys().find(|version| **version > 0).copied();
    if let (Some(first), Some((&last, _))) = (first, versions.last_key_value())
        && last - first <= MOST_FILLED
    {
        for version in first..=last {
            versions.entry(version).or_default();
        }
    }
}
