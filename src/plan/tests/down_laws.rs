//! What holds for every plan that leads down, over random catalogs.

use std::collections::BTreeMap;

use crate::catalog::{
    Action, BringBack, Catalog, CatalogParts, DocumentKind, OnExisting, PathPattern, Step,
};
use crate::plan::{Decision, Direction, Origin, Plan, PlannedReturn, Request, Source};
use proptest::collection::vec;
use proptest::prelude::*;

const LAST: u32 = 9;
const KINDS: [&str; 2] = ["fizz", "buzz"];

#[derive(Debug, Clone, Copy)]
enum Happening {
    Nothing,
    Import,
    Modify { one_way: bool },
    Remove { from: Option<Source> },
}

fn happening() -> impl Strategy<Value = Happening> {
    let from = prop_oneof![
        Just(None),
        Just(Some(Source::History)),
        Just(Some(Source::Step))
    ];
    prop_oneof![
        2 => Just(Happening::Nothing),
        4 => Just(Happening::Import),
        3 => proptest::bool::weighted(0.3).prop_map(|one_way| Happening::Modify { one_way }),
        4 => from.prop_map(|from| Happening::Remove { from }),
    ]
}

fn catalog() -> impl Strategy<Value = Catalog> {
    let lives = vec(vec(happening(), LAST as usize), KINDS.len());
    (lives, proptest::option::of(1..=LAST)).prop_map(|(lives, dialect)| {
        let mut steps: Vec<Step> = dialect
            .map(|version| Step::dialect(version, "m_dialect"))
            .into_iter()
            .collect();
        for (name, life) in KINDS.into_iter().zip(lives) {
            // Whether there was anything before, and whether it was removed.
            let (mut begun, mut removed) = (false, false);
            for (version, happening) in (1..).zip(life) {
                if Some(version) == dialect {
                    continue;
                }
                let step = match happening {
                    Happening::Import if !begun || removed => {
                        Step::import(version, "import", name, OnExisting::Keep)
                    }
                    Happening::Modify { one_way } if !removed => {
                        let step = Step::modify(version, "modify", name, |_, _| Ok(()));
                        if one_way {
                            step
                        } else {
                            step.down(|_, _| Ok(()))
                        }
                    }
                    Happening::Remove { from } if !removed => {
                        let step = Step::remove(version, "remove", name);
                        match from {
                            Some(Source::History) => step.brings_back(BringBack::History),
                            Some(_) => step.brings_back(BringBack::Content("a = 1".into())),
                            None => step,
                        }
                    }
                    _ => continue,
                };
                removed = matches!(happening, Happening::Remove { .. });
                begun = true;
                steps.push(step);
            }
        }
        Catalog::new(CatalogParts {
            kinds: KINDS
                .map(|name| {
                    DocumentKind::new(name, PathPattern::parse(&format!("{name}.ocl")).unwrap())
                })
                .into(),
            steps,
            ..CatalogParts::new("laws", ".octopus")
        })
        .expect("the generator makes well-formed catalogs only")
    })
}

fn plan(catalog: &Catalog, branch: u32, target: u32) -> Plan {
    Plan::new(&Request {
        catalog,
        branch_version: branch,
        target,
        held: BTreeMap::new(),
        store: None,
    })
    .unwrap()
}

/// What there is of a kind, while one walks down step by step.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Alive {
    /// What Git holds.
    Held,
    /// What the step brought back.
    Back(usize),
    /// Nothing: the server keeps it, or it was removed for good.
    Nothing(Decision),
}

/// Walks down: every step on the way with what there was before it is undone, and what there is in the end.
fn walk(catalog: &Catalog, kind: &str, branch: u32, target: u32) -> (Vec<(usize, Alive)>, Alive) {
    let mut alive = Alive::Held;
    let mut met = Vec::new();
    for (index, step) in catalog.steps().iter().enumerate().rev() {
        if !step.concerns(kind) || step.version() <= target || step.version() > branch {
            continue;
        }
        met.push((index, alive));
        alive = match (step.action(), step.reverse().brings_back()) {
            (Action::Import(_), _) => Alive::Nothing(Decision::LeftOut),
            (Action::Remove, Some(_)) => Alive::Back(index),
            (Action::Remove, None) => Alive::Nothing(Decision::NotBroughtBack),
            _ => alive,
        };
    }
    (met, alive)
}

fn returned<'p>(plan: &'p Plan, kind: &str) -> Option<&'p PlannedReturn> {
    plan.returns.iter().find(|back| back.kind == kind)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn what_comes_back_is_what_a_walk_down_ends_with(catalog in catalog(), a in 1..=LAST, b in 1..=LAST) {
        let (target, branch) = (a.min(b).min(catalog.server_version()), a.max(b).min(catalog.server_version()));
        prop_assume!(target > 0 && target < branch);
        let plan = plan(&catalog, branch, target);
        for kind in KINDS {
            let (met, end) = walk(&catalog, kind, branch, target);
            let rows: Vec<_> = plan.rows.iter().filter(|row| row.kind == kind).collect();
            // A row for each step, the highest first.
            let steps: Vec<usize> = met.iter().map(|(step, _)| *step).collect();
            prop_assert_eq!(rows.iter().map(|row| row.step).collect::<Vec<_>>(), steps.clone());
            prop_assert!(rows.iter().all(|row| row.direction == Direction::Down));
            match (returned(&plan, kind), end) {
                (Some(back), Alive::Back(step)) => {
                    prop_assert_eq!(back.step, step);
                    let step = &catalog.steps()[step];
                    prop_assert_eq!(back.version, step.version());
                    let source = match step.reverse().brings_back() {
                        Some(BringBack::History) => Source::History,
                        _ => Source::Step,
                    };
                    prop_assert_eq!(back.source, source);
                    // What came back goes through all that lies below.
                    let shape = back.version - 1;
                    let below: Vec<usize> = steps.into_iter().filter(|below| *below < back.step).collect();
                    let origin = Origin::BroughtBack { shape };
                    let expected = if shape > target { below } else { Vec::new() };
                    prop_assert_eq!(plan.steps_for(&catalog, kind, origin), expected);
                }
                (None, Alive::Back(_)) | (Some(_), _) => prop_assert!(false, "{:?}", end),
                (None, Alive::Held) => {
                    prop_assert_eq!(plan.steps_for(&catalog, kind, Origin::Git), steps);
                }
                (None, Alive::Nothing(_)) => {}
            }
        }
    }

    #[test]
    fn a_row_refuses_where_something_alive_meets_a_step_that_is_one_way(catalog in catalog(), a in 1..=LAST, b in 1..=LAST) {
        let (target, branch) = (a.min(b).min(catalog.server_version()), a.max(b).min(catalog.server_version()));
        prop_assume!(target > 0 && target < branch);
        let plan = plan(&catalog, branch, target);
        for kind in KINDS {
            let (met, end) = walk(&catalog, kind, branch, target);
            for (index, alive) in met {
                let step = &catalog.steps()[index];
                let row = plan.rows.iter().find(|row| row.kind == kind && row.step == index).unwrap();
                let is_modify = matches!(step.action(), Action::Modify(_));
                let counts = match alive {
                    Alive::Held => true,
                    // Only what is alive in the end is brought back at all.
                    Alive::Back(_) => alive == end,
                    Alive::Nothing(_) => false,
                };
                if is_modify && counts {
                    prop_assert_eq!(row.decision == Decision::OneWay, step.one_way().is_some());
                } else {
                    prop_assert_ne!(row.decision, Decision::OneWay);
                }
                let brings = matches!(end, Alive::Back(back) if back == index);
                prop_assert_eq!(row.source.is_some(), brings);
            }
        }
    }

    /// Two legs bring back what one does: what the lower one says counts, else what came back above and passes nothing.
    #[test]
    fn two_legs_bring_back_what_one_does(catalog in catalog(), mut versions in vec(1..=LAST, 3)) {
        versions.sort_unstable();
        let server = catalog.server_version();
        let [target, half, branch] = [versions[0], versions[1], versions[2]].map(|version| version.min(server));
        prop_assume!(target > 0 && target < half && half < branch);
        let (whole, upper, lower) = (
            plan(&catalog, branch, target),
            plan(&catalog, branch, half),
            plan(&catalog, half, target),
        );
        for kind in KINDS {
            let (_, end) = walk(&catalog, kind, half, target);
            let expected = match end {
                Alive::Held => returned(&upper, kind),
                _ => returned(&lower, kind),
            };
            prop_assert_eq!(returned(&whole, kind), expected);
        }
    }
}

/// The laws are about something: of random ways, many bring something back, below a later import too.
#[test]
fn something_comes_back_often_enough() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut back, mut below_an_import, mut goes_on) = (0, 0, 0);
    for _ in 0..400 {
        let catalog = catalog().new_tree(&mut runner).unwrap().current();
        let branch = catalog.server_version();
        if branch < 2 {
            continue;
        }
        let plan = plan(&catalog, branch, 1);
        back += plan.returns.len();
        for returned in &plan.returns {
            let above = plan.rows.iter().filter(|row| row.kind == returned.kind);
            let is_import =
                |step: usize| matches!(catalog.steps()[step].action(), Action::Import(_));
            below_an_import += usize::from(above.clone().any(|row| is_import(row.step)));
            goes_on += usize::from(above.clone().any(|row| row.step < returned.step));
        }
    }
    assert!(
        back > 100 && below_an_import > 30 && goes_on > 30,
        "{back} {below_an_import} {goes_on}"
    );
}
