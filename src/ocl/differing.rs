//! Where two texts differ.

use std::ops::Range;

/// What is compared in one go, in bytes: first much, then less.
const CHUNKS: [usize; 2] = [1024, 32];

/// The bytes of each text that differ: what lies before and what lies behind them is the same in both.
pub(crate) fn differing(a: &[u8], b: &[u8]) -> (Range<usize>, Range<usize>) {
    let shorter = a.len().min(b.len());
    let begin = common_start(a, b);
    let end = common_end(a, b).min(shorter - begin);
    (begin..a.len() - end, begin..b.len() - end)
}

fn common_start(a: &[u8], b: &[u8]) -> usize {
    let mut same = 0;
    for size in CHUNKS {
        let chunks = a[same..]
            .chunks_exact(size)
            .zip(b[same..].chunks_exact(size));
        same += chunks.take_while(|(a, b)| a == b).count() * size;
    }
    let rest = a[same..].iter().zip(&b[same..]);
    same + rest.take_while(|(a, b)| a == b).count()
}

fn common_end(mut a: &[u8], mut b: &[u8]) -> usize {
    let mut same = 0;
    for size in CHUNKS {
        let chunks = a.rchunks_exact(size).zip(b.rchunks_exact(size));
        let found = chunks.take_while(|(a, b)| a == b).count() * size;
        (a, b) = (&a[..a.len() - found], &b[..b.len() - found]);
        same += found;
    }
    let rest = a.iter().rev().zip(b.iter().rev());
    same + rest.take_while(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_between_is_as_short_as_can_be() {
        let long = "x".repeat(3 * CHUNKS[0] + 77);
        for (a, b, expected) in [
            ("", "", (0..0, 0..0)),
            ("ab", "ab", (2..2, 2..2)),
            ("abc", "axc", (1..2, 1..2)),
            ("aa", "aaa", (2..2, 2..3)),
            ("", "a", (0..0, 0..1)),
            ("ab", "ba", (0..2, 0..2)),
        ] {
            assert_eq!(differing(a.as_bytes(), b.as_bytes()), expected, "{a} {b}");
            if a == b {
                continue;
            }
            let [a, b] = [a, b].map(|text| format!("{long}-{text}-{long}"));
            let shift = long.len() + 1;
            let moved = |range: Range<usize>| range.start + shift..range.end + shift;
            let (of_a, of_b) = differing(a.as_bytes(), b.as_bytes());
            assert_eq!((of_a, of_b), (moved(expected.0), moved(expected.1)), "{a}");
        }
    }
}
