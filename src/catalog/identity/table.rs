//! The paths of all declarations of a kind as one table: from a state, a name leads to the next.

use std::collections::{BTreeSet, HashMap};

use super::rule::{Clash, Rule};
use crate::catalog::selector::Segment;

/// More declarations and states are refused: it takes contrived ones to need them.
const MOST_RULES: usize = 1000;
const MOST_STATES: usize = 4096;

/// Where in the declared paths one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct State(u32);

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Table {
    /// The names that declarations mention, sorted. A name's column is its position here, plus one.
    names: Vec<String>,
    /// For each state a row: where each name leads; the first column is for all other names.
    next: Vec<u32>,
    accepted: Vec<Accepted>,
}

/// Which declarations are about what is in a state, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Accepted {
    key: Option<usize>,
    set: Option<usize>,
}

/// How far each path has come: the rule, and how many of its segments are done.
type Positions = BTreeSet<(usize, usize)>;

impl Table {
    pub(super) const fn empty() -> Table {
        Table {
            names: Vec::new(),
            next: Vec::new(),
            accepted: Vec::new(),
        }
    }

    pub(super) fn start(&self) -> State {
        State(0)
    }

    pub(super) fn step(&self, from: State, name: &str) -> State {
        if self.next.is_empty() {
            return from;
        }
        let found = self
            .names
            .binary_search_by(|known| known.as_str().cmp(name));
        let column = found.map_or(0, |index| index + 1);
        State(self.next[from.0 as usize * (self.names.len() + 1) + column])
    }

    pub(super) fn key(&self, state: State) -> Option<usize> {
        self.accepted.get(state.0 as usize)?.key
    }

    pub(super) fn set(&self, state: State) -> Option<usize> {
        self.accepted.get(state.0 as usize)?.set
    }

    /// The declarations `own` come first, and override `shared` where both are about the same.
    pub(super) fn new(own: &[Rule], shared: &[Rule]) -> Result<Table, Vec<Clash>> {
        let rules: Vec<&Rule> = own.iter().chain(shared).collect();
        if rules.is_empty() {
            return Ok(Table::empty());
        }
        if rules.len() > MOST_RULES {
            return Err(vec![Clash::TooMany]);
        }
        let segments = rules.iter().flat_map(|rule| rule.selector().segments());
        let names = segments.filter_map(|segment| match segment {
            Segment::Child { name, .. } => name.clone(),
            Segment::AnyDepth => None,
        });
        let mut table = Table {
            names: names.collect::<BTreeSet<_>>().into_iter().collect(),
            ..Table::empty()
        };
        let mut builder = Builder {
            rules: &rules,
            own: own.len(),
            clashes: BTreeSet::new(),
        };
        table.fill(&mut builder)?;
        if builder.clashes.is_empty() {
            return Ok(table);
        }
        let clashes = builder.clashes.into_iter();
        Err(clashes.map(|(a, b)| Clash::Overlap(a, b)).collect())
    }

    /// Follows every name from every state that can be reached.
    fn fill(&mut self, builder: &mut Builder<'_>) -> Result<(), Vec<Clash>> {
        let start = builder.closed((0..builder.rules.len()).map(|rule| (rule, 0)));
        let mut known = HashMap::from([(start.clone(), 0)]);
        let mut states = vec![start];
        let mut done = 0;
        while done < states.len() {
            if states.len() > MOST_STATES {
                return Err(vec![Clash::TooMany]);
            }
            let state = states[done].clone();
            let accepted = builder.accepted(&state);
            self.accepted.push(accepted);
            for column in 0..=self.names.len() {
                let name = column.checked_sub(1).map(|index| &*self.names[index]);
                let next = builder.after(&state, name);
                let fresh = states.len();
                let index = *known.entry(next.clone()).or_insert(fresh);
                if index == fresh {
                    states.push(next);
                }
                self.next.push(index as u32);
            }
            done += 1;
        }
        Ok(())
    }
}

struct Builder<'r> {
    rules: &'r [&'r Rule],
    own: usize,
    clashes: BTreeSet<(usize, usize)>,
}

impl Builder<'_> {
    fn segments(&self, rule: usize) -> &[Segment] {
        self.rules[rule].selector().segments()
    }

    /// The positions, and those that are reached from them without a name: past a `**`.
    fn closed(&self, positions: impl Iterator<Item = (usize, usize)>) -> Positions {
        let mut closed = Positions::new();
        for (rule, mut done) in positions {
            closed.insert((rule, done));
            while self.segments(rule).get(done) == Some(&Segment::AnyDepth) {
                done += 1;
                closed.insert((rule, done));
            }
        }
        closed
    }

    /// Where a name leads: one that is mentioned, or any other.
    fn after(&self, state: &Positions, name: Option<&str>) -> Positions {
        let positions =
            state
                .iter()
                .filter_map(|&(rule, done)| match self.segments(rule).get(done)? {
                    Segment::AnyDepth => Some((rule, done)),
                    Segment::Child { name: None, .. } => Some((rule, done + 1)),
                    Segment::Child { name: wanted, .. } => {
                        (wanted.as_deref() == name).then_some((rule, done + 1))
                    }
                });
        self.closed(positions)
    }

    /// The declarations whose paths end in a state.
    fn accepted(&mut self, state: &Positions) -> Accepted {
        let ends = |rule: &usize| state.contains(&(*rule, self.segments(*rule).len()));
        let ending: Vec<usize> = (0..self.rules.len()).filter(ends).collect();
        let is_key = |rule: &usize| matches!(self.rules[*rule], Rule::Key(_));
        let (keys, sets) = ending.into_iter().partition(is_key);
        Accepted {
            key: self.only(keys),
            set: self.only(sets),
        }
    }

    /// The one of these that counts. Two that are declared in the same place are a clash.
    fn only(&mut self, rules: Vec<usize>) -> Option<usize> {
        let mut rules = rules.into_iter();
        let first = rules.next()?;
        let rivals = rules.filter(|rival| (first < self.own) == (*rival < self.own));
        self.clashes.extend(rivals.map(|rival| (first, rival)));
        Some(first)
    }
}
