//! What is wrong with a merge that somebody made.

use std::collections::HashSet;

use super::audit_order::{dropped, sequences};
use super::conflict::{ConflictKind, Side};
use super::count::Count;
use super::deviation::{Deviation, Fault, fault};
use super::error::MergeError;
use super::member::{Matchers, Three};
use super::merger::{Found, Merger};
use super::origin::Origins;
use super::seen::{Seen, Slot, slots};
use crate::ocl::Kind;
use crate::values::{Element, Values};

/// Compares a merge that was made with what the sides made of each value. All four documents must be in one shape and seen by one
/// identity.
///
/// What is in conflict may be settled in any way, and a value that neither side has is the merger's own decision: neither is told.
/// Blocks that are missing or doubled as a whole are told as one.
///
/// # Errors
/// [`MergeError::Shapes`].
pub fn audit<'a>(
    base: Values<'a>,
    ours: Values<'a>,
    theirs: Values<'a>,
    result: Values<'a>,
) -> Result<Vec<Deviation<'a>>, MergeError> {
    let documents = Three { base, ours, theirs };
    let dialect = ours.document().dialect();
    let others = [base, theirs, result];
    if others.iter().any(|it| it.document().dialect() != dialect) {
        return Err(MergeError::Shapes);
    }
    let mut merger = Merger {
        matchers: Matchers::of(&documents),
        origins: documents.as_ref().map(Origins::of),
        settle: &|_| None,
        found: Found::default(),
    };
    merger.merge(documents.as_ref().map(Values::root).as_ref());
    let seen = [base, ours, theirs, result].map(|values| Seen::of(&values, &merger.found));
    let auditor = Auditor {
        found: &merger.found,
        seen: &seen,
    };
    let mut deviations = auditor.deviations();
    let orders = [base, ours, theirs, result].map(|values| sequences(&values));
    deviations.extend(auditor.orders(&dropped(&orders)));
    Ok(deviations)
}

struct Auditor<'s, 'a> {
    found: &'s Found<'a>,
    seen: &'s [Seen<'a>; 4],
}

impl<'a> Auditor<'_, 'a> {
    fn deviations(&self) -> Vec<Deviation<'a>> {
        let doubled = self.doubled();
        let mut told: HashSet<(Fault, u64)> = HashSet::new();
        let mut deviations = Vec::new();
        let mut tell = |fault, place| {
            if told.insert((fault, place)) {
                let elements = self
                    .seen
                    .each_ref()
                    .map(|seen| seen.element(place).cloned());
                deviations.push(Deviation::of(fault, elements));
            }
        };
        for place in &doubled {
            tell(Fault::Doubled, *place);
        }
        let doubled: HashSet<u64> = doubled.into_iter().collect();
        let (order, slots) = slots(self.seen);
        let mut of_lists = Vec::new();
        for place in order {
            let slot = &slots[&place];
            let is_list = self.seen.iter().any(|seen| seen.count(place) > 1);
            for (fault, value) in self.faults(place, slot) {
                let outermost = self.outermost(fault, place);
                if self.is_in(outermost, &doubled) {
                    continue;
                }
                // Of several in one place, the one that is missing or there too often.
                match slot.get(value).filter(|_| is_list && outermost == place) {
                    Some(kept) => of_lists.push(Deviation::of(fault, kept.elements.clone())),
                    None => tell(fault, outermost),
                }
            }
        }
        deviations.extend(of_lists);
        deviations
    }

    /// What is told of orders that the result doesn't have. Where they are in conflict, any is right.
    fn orders(&self, dropped: &[(u64, Side)]) -> Vec<Deviation<'a>> {
        let conflicts = self.found.conflicts.iter();
        let conflicts = conflicts.filter(|it| it.kind == ConflictKind::Order);
        let in_conflict = conflicts.flat_map(|it| it.elements().map(Element::place));
        let in_conflict: HashSet<u64> = in_conflict.collect();
        let is_told = |place: u64| {
            let is_once = self.seen.iter().all(|seen| seen.count(place) == 1);
            is_once && !self.is_in(place, &self.found.open) && !in_conflict.contains(&place)
        };
        let told = dropped.iter().filter(|(place, _)| is_told(*place));
        let deviation = |(place, side): &(u64, Side)| {
            let elements = self.seen.each_ref();
            let elements = elements.map(|seen| seen.element(*place).cloned());
            Deviation::of(Fault::Order(*side), elements)
        };
        told.map(deviation).collect()
    }

    /// The outermost places at which the result has more blocks than both sides together made of it.
    fn doubled(&self) -> Vec<u64> {
        let [base, ours, theirs, result] = self.seen;
        let is_doubled = |place: u64| {
            let count = result.count(place);
            let [b, o, t] = [base, ours, theirs].map(|seen| seen.count(place));
            let is_keyed = [base, ours, theirs].into_iter().all(|seen| {
                seen.element(place)
                    .is_none_or(|it| !it.is_told_by_position())
            });
            let most = if is_keyed {
                b.max(o).max(t)
            } else {
                b + o.saturating_sub(b) + t.saturating_sub(b)
            };
            // What no side has was written by hand.
            most > 0 && count > most
        };
        let mut found: Vec<(usize, u64)> = Vec::new();
        for (place, (_, element)) in &result.elements {
            let is_block = element.node().kind() == Kind::Block;
            if is_block && is_doubled(*place) {
                let at = element.node().span().map_or(0, |span| span.start);
                found.push((at, *place));
            }
        }
        found.sort_unstable();
        let all: HashSet<u64> = found.iter().map(|(_, place)| *place).collect();
        let is_outermost = |place: &u64| {
            let parent = result.element(*place).and_then(Element::parent);
            parent.is_none_or(|parent| !self.is_in(parent.place(), &all))
        };
        let places = found.into_iter().map(|(_, place)| place);
        places.filter(is_outermost).collect()
    }

    /// Whether a place, or one that it lies in, is among some.
    fn is_in(&self, place: u64, places: &HashSet<u64>) -> bool {
        if places.is_empty() {
            return false;
        }
        let element = self.seen.iter().find_map(|seen| seen.element(place));
        let mut next = element.cloned();
        while let Some(element) = next {
            if places.contains(&element.place()) {
                return true;
            }
            next = element.parent().cloned();
        }
        false
    }

    /// What is wrong at a place, and the place of the value in the slot that shows it.
    fn faults(&self, place: u64, slot: &Slot<'a>) -> Vec<(Fault, usize)> {
        let is_own = |count: &Count| {
            count.result > 0 && count.base == 0 && count.ours == 0 && count.theirs == 0
        };
        if slot.iter().any(|kept| is_own(&kept.count)) {
            // The text that has lines of both sides is right, and any other the merger's own.
            return Vec::new();
        }
        if self.found.texts.contains_key(&place) {
            // Both sides changed it, and the result has the lines of one of them only.
            let has = |of: fn(&Count) -> i64| {
                let mut counts = slot.iter().map(|kept| &kept.count);
                counts.any(|count| count.result > 0 && of(count) > 0)
            };
            return match (has(|count| count.ours), has(|count| count.theirs)) {
                (true, false) => vec![(Fault::Dropped(Side::Theirs), 0)],
                (false, true) => vec![(Fault::Dropped(Side::Ours), 0)],
                (false, false) => vec![(Fault::Lost, 0)],
                (true, true) => Vec::new(),
            };
        }
        let counts = slot.iter().map(|kept| kept.count).enumerate();
        let faults = counts.filter_map(|(at, count)| Some((fault(count)?, at)));
        faults.collect()
    }

    /// The place of the outermost element of which the same is wrong as of the leaf at a place.
    fn outermost(&self, fault: Fault, place: u64) -> u64 {
        let [_, ours, theirs, result] = self.seen;
        let right = match fault {
            Fault::Dropped(Side::Theirs) => theirs,
            Fault::Dropped(_) | Fault::Lost => ours,
            Fault::Doubled | Fault::Order(_) => return place,
        };
        // What is missing, or is still there.
        let (there, not_there) = match (right.element(place), result.element(place)) {
            (Some(element), None) => (element, result),
            (None, Some(element)) => (element, right),
            _ => return place,
        };
        let mut outermost = place;
        let mut next = there.parent();
        while let Some(parent) = next {
            let place = parent.place();
            if not_there.element(place).is_some() {
                break;
            }
            outermost = place;
            next = parent.parent();
        }
        outermost
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Identity;
    use crate::merge::merge;
    use crate::ocl::{Dialect, Document};

    const BASE_TEXT: &str = "a = 1\nb = 2\nc = 3\nl = [1, 2]\nblock \"k\" {\n    v = 1\n    w = 1\n}\nblock \"g\" {\n    v = 1\n}\n";

    fn told(base: &str, ours: &str, theirs: &str, result: &str) -> Vec<String> {
        let parse = |text: &str| Document::parse(text, Dialect::Current).unwrap();
        let identity = Identity::none();
        let documents = [base, ours, theirs, result].map(parse);
        let [base, ours, theirs, result] = documents.each_ref().map(|it| Values::of(it, &identity));
        let found = audit(base, ours, theirs, result).unwrap();
        let line = |deviation: &Deviation<'_>| {
            let selector = deviation.elements().next().unwrap().selector();
            format!("{:?} {selector}", deviation.fault)
        };
        found.iter().map(line).collect()
    }

    fn sides() -> (String, String) {
        let ours = BASE_TEXT.replace("a = 1", "a = 11").replace("c = 3\n", "");
        let theirs = BASE_TEXT
            .replace("b = 2", "b = 22")
            .replace("[1, 2]", "[1, 2, 3]")
            .replace("block \"g\" {\n    v = 1\n}\n", "")
            + "block \"n\" {\n    v = 1\n    w = 1\n}\n";
        (ours, theirs)
    }

    #[test]
    fn what_a_merge_made_by_hand_lost_or_doubled_is_found() {
        let (ours, theirs) = sides();
        let right = theirs.replace("a = 1", "a = 11").replace("c = 3\n", "");
        let told = |result: &str| told(BASE_TEXT, &ours, &theirs, result);
        assert_eq!(told(&right), [] as [&str; 0]);
        for (from, to, expected) in [
            ("a = 11", "a = 1", "Dropped(Ours) a"),
            ("b = 22", "b = 2", "Dropped(Theirs) b"),
            ("b = 22\n", "", "Dropped(Theirs) b"),
            ("b = 22", "b = 22\nc = 3", "Dropped(Ours) c"),
            (", 3]", "]", "Dropped(Theirs) l[2]"),
            (
                "block \"n\" {\n    v = 1\n    w = 1\n}\n",
                "",
                "Dropped(Theirs) block[\"n\"]",
            ),
            (
                "block \"n\"",
                "block \"g\" {\n    v = 1\n}\nblock \"n\"",
                "Dropped(Theirs) block[\"g\"]",
            ),
            (
                "    v = 1\n    w = 1\n}\nblock \"n\"",
                "    v = 1\n}\nblock \"n\"",
                "Lost block[\"k\"].w",
            ),
            (
                "block \"k\" {\n    v = 1\n    w = 1\n}\n",
                "",
                "Lost block[\"k\"]",
            ),
            ("[1, 2", "[1, 1, 2", "Doubled l[0]"),
        ] {
            let result = right.replacen(from, to, 1);
            assert_ne!(result, right);
            assert_eq!(told(&result), [expected], "{result}");
        }
        // A block twice, even where one of the two is changed.
        for value in ["1", "5"] {
            let again = format!("block \"k\" {{\n    v = {value}\n    w = 1\n}}\n");
            let found = told(&(right.clone() + &again));
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].starts_with("Doubled block[\"k\"]"), "{found:?}");
        }
    }

    #[test]
    fn what_the_merger_decided_is_nobodys_fault() {
        let (ours, theirs) = sides();
        let right = theirs.replace("a = 1", "a = 11").replace("c = 3\n", "");
        for (from, to) in [("a = 11", "a = 12"), ("b = 22", "b = 22\nd = 4")] {
            let result = right.replace(from, to);
            assert_ne!(result, right);
            assert_eq!(told(BASE_TEXT, &ours, &theirs, &result), [] as [&str; 0]);
        }
        // A conflict is settled either way, or in a third one.
        let (ours, theirs) = ("a = 2\nb = 1\n", "a = 3\nb = 1\n");
        for result in ["a = 1\nb = 1\n", ours, theirs, "a = 4\nb = 1\n", "b = 1\n"] {
            assert_eq!(
                told("a = 1\nb = 1\n", ours, theirs, result),
                [] as [&str; 0]
            );
        }
        assert_eq!(told("a = 1\nb = 1\n", ours, theirs, "a = 2\n"), ["Lost b"]);
        // What both sides did alike is neither's alone.
        assert_eq!(told("", "a = 1\n", "a = 1\n", ""), ["Lost a"]);
        assert_eq!(told("a = 1\n", "", "", "a = 1\n"), ["Lost a"]);
        assert_eq!(told("a = 1\n", "a = 2\n", "a = 2\n", "a = 1\n"), ["Lost a"]);
    }

    #[test]
    fn lines_of_a_text_that_one_side_changed() {
        let text =
            |first: &str, last: &str| format!("s = <<-EOT\n\t{first}\n\tb\n\tc\n\t{last}\nEOT\n");
        let (base, ours, theirs) = (text("a", "d"), text("A", "d"), text("a", "D"));
        let told = |result: &str| told(&base, &ours, &theirs, result);
        assert_eq!(told(&text("A", "D")), [] as [&str; 0]);
        assert_eq!(told(&text("A", "d")), ["Dropped(Theirs) s"]);
        assert_eq!(told(&text("a", "D")), ["Dropped(Ours) s"]);
        assert_eq!(told(&text("a", "d")), ["Lost s"]);
    }

    #[test]
    fn an_order_that_one_side_changed() {
        let identity =
            Identity::parse("key \"s\" {\n    by = label\n    ordered = true\n}\n").unwrap();
        let told = |documents: [&str; 4]| {
            let text = |names: &str| -> String {
                let blocks = names
                    .chars()
                    .map(|it| format!("s \"{it}\" {{\n    v = 1\n}}\n"));
                blocks.collect::<String>()
                    + &format!(
                        "l = [{}]\n",
                        names
                            .chars()
                            .map(|it| format!("\"{it}\""))
                            .collect::<Vec<_>>()
                            .join(", ")
                    )
            };
            let documents =
                documents.map(|names| Document::parse(text(names), Dialect::Current).unwrap());
            let [base, ours, theirs, result] =
                documents.each_ref().map(|it| Values::of(it, &identity));
            let found = audit(base, ours, theirs, result).unwrap();
            let line = |it: &Deviation<'_>| {
                format!(
                    "{:?} {}",
                    it.fault,
                    it.elements().next().unwrap().selector()
                )
            };
            found.iter().map(line).collect::<Vec<_>>()
        };
        let of = |side: &str| vec![format!("Order({side}) "), format!("Order({side}) l")];
        let none = Vec::<String>::new();
        for (documents, expected) in [
            (["abc", "cab", "abc", "abc"], of("Ours")),
            (["abc", "abc", "cab", "abc"], of("Theirs")),
            (["abc", "abc", "cab", "cab"], none.clone()),
            (["abc", "cab", "cab", "abc"], of("Ours")),
            // The merger's own, and what both did. Of a list that both changed, any is right.
            (["abc", "abc", "cab", "bca"], none.clone()),
            (["abmcd", "bamcd", "abmdc", "bamdc"], none.clone()),
            (
                ["abmcd", "bamcd", "abmdc", "bamcd"],
                vec!["Order(Theirs) ".to_owned()],
            ),
            (
                ["abmcd", "bamcd", "abmdc", "abmdc"],
                vec!["Order(Ours) ".to_owned()],
            ),
            // In conflict, any is right.
            (["abc", "cab", "bac", "abc"], none.clone()),
            (["abc", "cab", "bac", "bac"], none.clone()),
        ] {
            let mut found = told(documents);
            found.sort();
            assert_eq!(found, expected, "{documents:?}");
        }
        // What one side added or removed beside it changes nothing.
        assert!(told(["abc", "bac", "abcd", "abcd"]).contains(&"Order(Ours) ".to_owned()));
        assert!(told(["abc", "cab", "ac", "ac"]).contains(&"Order(Ours) ".to_owned()));
    }

    #[test]
    fn swapping_the_sides_mirrors_it_and_our_own_merges_have_no_fault() {
        let (ours, theirs) = sides();
        let parse = |text: &str| Document::parse(text, Dialect::Current).unwrap();
        let identity = Identity::none();
        let [b, o, t] = [BASE_TEXT, &ours, &theirs].map(parse);
        let [b, o, t] = [&b, &o, &t].map(|it| Values::of(it, &identity));
        let merged = merge(b, o, t).unwrap();
        let result = merged.document().text();
        assert_eq!(told(BASE_TEXT, &ours, &theirs, result), [] as [&str; 0]);
        let wrong = result.replace("a = 11", "a = 1").replace("b = 22", "b = 2");
        let swap = |line: String| match line.strip_prefix("Dropped(Ours)") {
            Some(rest) => format!("Dropped(Theirs){rest}"),
            None => line.replace("Dropped(Theirs)", "Dropped(Ours)"),
        };
        let mut swapped: Vec<String> = told(BASE_TEXT, &theirs, &ours, &wrong);
        swapped = swapped.into_iter().map(swap).collect();
        let mut plain = told(BASE_TEXT, &ours, &theirs, &wrong);
        assert_eq!(plain.len(), 2);
        swapped.sort();
        plain.sort();
        assert_eq!(plain, swapped);
    }
}
