//! What two sequences have in common, in order.

use std::collections::HashMap;

/// More pairs of equal items than this for each item, and a longest common subsequence is no longer looked for among all.
const PAIRS_PER_ITEM: usize = 32;

/// The pairs of positions of a common subsequence of two sequences, in order.
///
/// It is a longest one, unless items repeat so often that finding it would take quadratic time; then each occurrence of an
/// item is paired with its counterpart by number, and the longest run of such pairs is taken. Swapping the sequences swaps
/// the pairs and changes nothing else.
pub(crate) fn common(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    if new < old {
        return common_of(new, old)
            .into_iter()
            .map(|(a, b)| (b, a))
            .collect();
    }
    common_of(old, new)
}

fn common_of(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let begin = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[begin..], &new[begin..]);
    let ends = old_rest.iter().rev().zip(new_rest.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (old_middle, new_middle) = (
        &old_rest[..old_rest.len() - end],
        &new_rest[..new_rest.len() - end],
    );
    let mut found: Vec<(usize, usize)> = (0..begin).map(|at| (at, at)).collect();
    let middle = common_in_the_middle(old_middle, new_middle);
    found.extend(middle.into_iter().map(|(a, b)| (a + begin, b + begin)));
    found.extend((0..end).map(|at| (old.len() - end + at, new.len() - end + at)));
    found
}

fn common_in_the_middle(old: &[u64], new: &[u64]) -> Vec<(usize, usize)> {
    let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
    for (position, item) in new.iter().enumerate() {
        places.entry(*item).or_default().push(position);
    }
    let all: usize = old
        .iter()
        .map(|item| places.get(item).map_or(0, Vec::len))
        .sum();
    let mut pairs = Vec::new();
    if all <= PAIRS_PER_ITEM * (old.len() + new.len()) {
        for (position, item) in old.iter().enumerate() {
            // Backwards, so that no two pairs of one old item stand in one ascending run.
            let places = places.get(item).into_iter().flatten().rev();
            pairs.extend(places.map(|place| (position, *place)));
        }
    } else {
        let mut used: HashMap<u64, usize> = HashMap::new();
        for (position, item) in old.iter().enumerate() {
            let used = used.entry(*item).or_default();
            let place = places.get(item).and_then(|places| places.get(*used));
            pairs.extend(place.map(|place| (position, *place)));
            *used += 1;
        }
    }
    let run = longest_ascending(pairs.iter().map(|(_, place)| *place));
    run.into_iter().map(|index| pairs[index]).collect()
}

/// The positions of a longest strictly ascending subsequence, in order. Takes n log n.
pub(crate) fn longest_ascending(items: impl Iterator<Item = usize>) -> Vec<usize> {
    let items: Vec<usize> = items.collect();
    // The position of the least item that ends a run of each length, and what comes before each item in its run.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(items.len());
    for (position, item) in items.iter().enumerate() {
        let length = ends.partition_point(|end| items[*end] < *item);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = position,
            None => ends.push(position),
        }
    }
    let mut run: Vec<usize> =
        std::iter::successors(ends.last().copied(), |position| before[*position]).collect();
    run.reverse();
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The length of a longest common subsequence, by the book.
    fn length(old: &[u64], new: &[u64]) -> usize {
        let mut row = vec![0; new.len() + 1];
        for a in old {
            let mut diagonal = 0;
            for (index, b) in new.iter().enumerate() {
                let above = row[index + 1];
                row[index + 1] = if a == b {
                    diagonal + 1
                } else {
                    above.max(row[index])
                };
                diagonal = above;
            }
        }
        row[new.len()]
    }

    fn items(most: u64) -> impl Strategy<Value = Vec<u64>> {
        prop::collection::vec(0..most, 0..24)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_common_is_longest_ascending_and_the_same_from_both_sides(old in items(6), new in items(6)) {
            let found = common(&old, &new);
            prop_assert_eq!(found.len(), length(&old, &new));
            prop_assert!(found.iter().all(|(a, b)| old[*a] == new[*b]));
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1));
            let mirrored: Vec<_> = common(&new, &old).into_iter().map(|(a, b)| (b, a)).collect();
            prop_assert_eq!(found, mirrored);
        }
    }

    #[test]
    fn items_that_repeat_without_end_are_paired_by_number() {
        let old: Vec<u64> = (0..20_000).map(|index| index % 2).collect();
        let mut new = old.clone();
        new.insert(0, 7);
        new.push(8);
        new[10_000] = 9;
        let found = common(&old, &new);
        assert!(found.iter().all(|(a, b)| old[*a] == new[*b]));
        assert!(found.len() > 9_000, "{}", found.len());
    }
}
