//! Where the lines that both sides changed lie apart, the values are those that Git's own merge gives.

use ocl_migrate::catalog::Identity;
use proptest::prelude::*;

use super::real::merged_by_lines;
use super::{identity, merged, parse, says_the_same};
use crate::support::scratch;

/// What is done to the thing at a place.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Set,
    Remove,
    Insert,
    Comment,
}

/// Documents of twelve things, each over several lines.
fn written(edits: &[Option<Edit>], side: &str, thing: fn(&str, &str) -> String) -> String {
    let mut text = String::new();
    for (at, edit) in edits.iter().enumerate() {
        let name = format!("n{at:02}");
        match edit {
            None => text.push_str(&thing(&name, "base")),
            Some(Edit::Set) => text.push_str(&thing(&name, side)),
            Some(Edit::Remove) => {}
            Some(Edit::Insert) => {
                text.push_str(&thing(&name, "base"));
                text.push_str(&thing(&format!("{name}_{side}"), side));
            }
            Some(Edit::Comment) => {
                text.push_str(&format!("# {side}\n"));
                text.push_str(&thing(&name, "base"));
            }
        }
    }
    text
}

type Thing = fn(&str, &str) -> String;

fn things() -> [(Identity, Thing); 3] {
    [
        (identity("variables"), |name, value| {
            format!("variable \"{name}\" {{\n    value \"{value}\" {{}}\n}}\n\n")
        }),
        (identity("deployment_process"), |name, value| {
            format!(
                "step \"{name}\" {{\n    script = <<-EOT\n        echo {name}\n        echo {value}\n    EOT\n}}\n\n"
            )
        }),
        (Identity::none(), |name, value| {
            format!("{name} = {{\n    x = \"{value}\"\n    y = [\"{name}\"]\n}}\n\n")
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn edits_of_lines_apart_are_merged_as_git_merges_them(
        number in 0..3_usize,
        edits in prop::collection::vec((0..3_usize, prop::sample::select(vec![Edit::Set, Edit::Remove, Edit::Insert, Edit::Comment])), 6),
    ) {
        let (identity, thing) = &things()[number];
        // Two things that no side changes lie between each two.
        let mut sides = [vec![None; 18], vec![None; 18]];
        for (at, (whose, edit)) in edits.iter().enumerate() {
            for (number, side) in sides.iter_mut().enumerate() {
                if *whose == number || *whose == 2 && matches!(edit, Edit::Remove) {
                    side[at * 3] = Some(*edit);
                }
            }
        }
        let texts = [
            written(&[None; 18], "", *thing),
            written(&sides[0], "ours", *thing),
            written(&sides[1], "theirs", *thing),
        ];
        let folder = scratch::folder();
        let (is_clean, by_lines) = merged_by_lines(folder.path(), texts.each_ref().map(String::as_str));
        // Git takes alike lines for the same now and then.
        prop_assume!(is_clean);
        let documents = texts.map(|text| parse(&text));
        let merged = merged(identity, &documents).unwrap();
        prop_assert!(merged.conflicts().is_empty(), "{}", merged.conflicts()[0]);
        let by_lines = parse(&by_lines);
        prop_assert!(
            says_the_same(identity, &by_lines, merged.document()),
            "{}\n--- merged\n{}", by_lines, merged.document()
        );
    }
}
