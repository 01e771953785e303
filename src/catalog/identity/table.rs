//! The paths of all declarations of a kind as one table: from a state, a name leads to the next.

use std::collections::BTreeSet;

use foldhash::{HashMap, HashMapExt};

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
        let mut builder = Builder::new(&rules, own.len(), &table.names);
        table.fill(&mut builder)?;
        if builder.clashes.is_empty() {
            return Ok(table);
        }
        let clashes = builder.clashes.into_iter();
        Err(clashes.map(|(a, b)| Clash::Overlap(a, b)).collect())
    }

    /// Follows every name from every state that can be reached.
    fn fill(&mut self, builder: &mut Builder<'_>) -> Result<(), Vec<Clash>> {
        let start = builder.start();
        let mut known: HashMap<Positions, u32> = HashMap::new();
        known.insert(start.clone(), 0);
        let mut next = start.clone();
        let mut states = vec![start];
        let mut done = 0;
        while done < states.len() {
            if states.len() > MOST_STATES {
                return Err(vec![Clash::TooMany]);
            }
            let accepted = builder.accepted(&states[done]);
            self.accepted.push(accepted);
            for column in 0..=self.names.len() {
                builder.after(&states[done], column, &mut next);
                let index = known.get(&next).copied().unwrap_or_else(|| {
                    let index = states.len() as u32;
                    states.push(next.clone());
                    known.insert(next.clone(), index);
                    index
                });
                self.next.push(index);
            }
            done += 1;
        }
        Ok(())
    }
}

/// How far each path has come: a bit for each of its segments that is next, and one for its end. Those of a rule stand
/// side by side, so that a segment done is a shift by one.
type Positions = Box<[u64]>;

struct Builder<'r> {
    rules: &'r [&'r Rule],
    own: usize,
    /// The bit of each rule's end.
    ends: Vec<usize>,
    begins: Positions,
    /// Where `**` is next.
    any_depth: Positions,
    /// By column, where a segment is next that such a name does.
    named: Vec<Positions>,
    clashes: BTreeSet<(usize, usize)>,
}

impl<'r> Builder<'r> {
    fn new(rules: &'r [&'r Rule], own: usize, names: &[String]) -> Builder<'r> {
        let lengths = rules
            .iter()
            .map(|rule| rule.selector().segments().len() + 1);
        let none: Positions = vec![0; lengths.sum::<usize>().div_ceil(64)].into();
        let mut builder = Builder {
            rules,
            own,
            ends: Vec::new(),
            begins: none.clone(),
            any_depth: none.clone(),
            named: vec![none; names.len() + 1],
            clashes: BTreeSet::new(),
        };
        let mut at = 0;
        for rule in rules {
            set(&mut builder.begins, at);
            for segment in rule.selector().segments() {
                match segment {
                    Segment::AnyDepth => set(&mut builder.any_depth, at),
                    Segment::Child { name: None, .. } => {
                        let all = builder.named.iter_mut();
                        all.for_each(|named| set(named, at));
                    }
                    Segment::Child {
                        name: Some(name), ..
                    } => {
                        let column = names.binary_search(name).map_or(0, |index| index + 1);
                        set(&mut builder.named[column], at);
                    }
                }
                at += 1;
            }
            builder.ends.push(at);
            at += 1;
        }
        builder
    }

    fn start(&self) -> Positions {
        let mut start = self.begins.clone();
        self.close(&mut start);
        start
    }

    /// Adds the positions that are reached from these without a name: past a `**`.
    fn close(&self, positions: &mut Positions) {
        let mut carried = 0;
        for (word, any_depth) in positions.iter_mut().zip(&self.any_depth) {
            loop {
                let before = *word;
                *word |= (*word & any_depth) << 1 | carried;
                if *word == before {
                    break;
                }
            }
            carried = (*word & any_depth) >> 63;
        }
    }

    /// Where a name leads: that of a column.
    fn after(&self, state: &Positions, column: usize, next: &mut Positions) {
        let mut carried = 0;
        for (index, word) in next.iter_mut().enumerate() {
            let done = state[index] & self.named[column][index];
            *word = (state[index] & self.any_depth[index]) | done << 1 | carried;
            carried = done >> 63;
        }
        self.close(next);
    }

    /// The declarations whose paths end in a state.
    fn accepted(&mut self, state: &Positions) -> Accepted {
        let ends = |rule: &usize| is_set(state, self.ends[*rule]);
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

fn set(positions: &mut Positions, at: usize) {
    positions[at / 64] |= 1 << (at % 64);
}

fn is_set(positions: &Positions, at: usize) -> bool {
    positions[at / 64] & (1 << (at % 64)) != 0
}
