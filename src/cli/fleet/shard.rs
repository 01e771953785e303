//! `--shard I/N`: a part of a fleet, by its repositories' names.

use std::str::FromStr;

use crate::report::{FleetShard, MOST_PARTS};

/// A stable hash of bytes, FNV-1a with 64 bits: every release and every machine gives the same.
pub(super) fn hash(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// Whether a repository belongs to a part: what others are on the list doesn't matter.
pub(super) fn holds(shard: FleetShard, name: &str) -> bool {
    // The low bits of this hash alone would spread names that differ in their last letter only poorly.
    let hash = hash(name.bytes());
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    mixed % u64::from(shard.of) == u64::from(shard.index - 1)
}

/// Reads `I/N`.
pub(super) fn parse(text: &str) -> Result<FleetShard, String> {
    let parts = text.split_once('/').and_then(|(index, of)| {
        Some(FleetShard {
            index: u32::from_str(index).ok()?,
            of: u32::from_str(of).ok()?,
        })
    });
    parts
        .filter(|shard| shard.of <= MOST_PARTS && (1..=shard.of).contains(&shard.index))
        .ok_or_else(|| {
            format!("a part is I/N, with I from 1 to N, and N at most {MOST_PARTS}: 2/10")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_alike_in_size_and_never_change() {
        let names: Vec<String> = (0..10_000).map(|n| format!("repos/{n}.git")).collect();
        for of in [2, 3, 10] {
            let mut sum = 0;
            for index in 1..=of {
                let shard = FleetShard { index, of };
                let members = names.iter().filter(|name| holds(shard, name)).count();
                let even = names.len() / of as usize;
                assert!(
                    members.abs_diff(even) < even / 5,
                    "{members} of {index}/{of}"
                );
                sum += members;
            }
            assert_eq!(sum, names.len());
        }
        // Other releases must put them into the same parts.
        let of_shop = (1..=10).find(|index| {
            holds(
                FleetShard {
                    index: *index,
                    of: 10,
                },
                "shop",
            )
        });
        assert_eq!(of_shop, Some(5));
    }

    #[test]
    fn a_part_is_written_as_a_fraction() {
        assert_eq!(parse("2/10"), Ok(FleetShard { index: 2, of: 10 }));
        for wrong in ["", "2", "0/3", "4/3", "1/0", "-1/3", "1/3/4", "1/100001"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
