//! Which side a person has said is right.

use std::cell::Cell;

use super::conflict::Side;

/// The address of all there is.
pub(crate) const ALL: &str = "**";

/// Places at which a person has said which side is right. Of several that fit, the one of most names counts.
pub(crate) struct Said<P> {
    all: Vec<Saying<P>>,
}

struct Saying<P> {
    place: P,
    /// How many names its address has: none, where it is about all there is.
    names: usize,
    side: Side,
    is_used: Cell<bool>,
}

/// What counts where several fit.
pub(crate) struct Right<'s, P> {
    pub(crate) side: Side,
    /// Two places of as many names, of which neither says more, one for each side: the one that counts comes first.
    pub(crate) clash: Option<[(&'s P, Side); 2]>,
}

impl<P> Said<P> {
    pub(crate) fn new() -> Said<P> {
        Said { all: Vec::new() }
    }

    pub(crate) fn push(&mut self, place: P, names: usize, side: Side) {
        self.all.push(Saying {
            place,
            names,
            side,
            is_used: Cell::new(false),
        });
    }

    /// In the order in which they were said.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&P, Side)> {
        self.all.iter().map(|it| (&it.place, it.side))
    }

    /// Who is right where these places fit; a place is given with its number. They are all used then.
    pub(crate) fn right(&self, fits: impl Fn(usize, &P) -> bool) -> Option<Right<'_, P>> {
        let all = self.all.iter().enumerate();
        let fitting = all.filter(|(at, it)| fits(*at, &it.place));
        let fitting: Vec<&Saying<P>> = fitting.map(|(_, it)| it).collect();
        fitting.iter().for_each(|it| it.is_used.set(true));
        let longest = *fitting.iter().max_by_key(|it| it.names)?;
        let is_other = |it: &&&Saying<P>| it.names == longest.names && it.side != longest.side;
        let other = fitting.iter().find(is_other);
        Some(Right {
            side: longest.side,
            clash: other.map(|it| [longest, *it].map(|it| (&it.place, it.side))),
        })
    }

    /// The first that fitted nowhere, and may be mistyped. What is about all there is says nothing of what there is.
    pub(crate) fn unused(&self) -> Option<&P> {
        let mut all = self.all.iter();
        let unused = all.find(|it| !it.is_used.get() && it.names > 0);
        unused.map(|it| &it.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_most_names_counts() {
        let mut said = Said::new();
        for (place, names, side) in [
            ("**", 0, Side::Theirs),
            ("a", 1, Side::Ours),
            ("a.b", 2, Side::Theirs),
            ("a.*", 2, Side::Base),
            ("c", 1, Side::Ours),
        ] {
            said.push(place, names, side);
        }
        let right = |fitting: &[&str]| said.right(|_, place| fitting.contains(place));
        assert!(right(&[]).is_none());
        for (fitting, side) in [
            (&["**"][..], Side::Theirs),
            (&["**", "a"], Side::Ours),
            (&["a", "a.b"], Side::Theirs),
        ] {
            let right = right(fitting).unwrap();
            assert_eq!((right.side, right.clash), (side, None), "{fitting:?}");
        }
        // The last of those that say as much.
        let right = right(&["a", "a.b", "a.*"]).unwrap();
        assert_eq!(right.side, Side::Base);
        assert_eq!(
            right.clash,
            Some([(&"a.*", Side::Base), (&"a.b", Side::Theirs)])
        );
        assert_eq!(said.unused(), Some(&"c"));
    }
}
