//! Documents that were brought to one shape by steps that make keys of names.

use std::collections::{BTreeMap, BTreeSet};

use ocl_migrate::catalog::Identity;
use ocl_migrate::merge::{ConflictKind, Side, follow_renames, merge, merge_settled};
use ocl_migrate::ocl::Document;
use ocl_migrate::values::Values;

use super::{identity, parse};

/// Steps in order: the name and a value.
type Steps = Vec<(&'static str, &'static str)>;

const NAMES: [&str; 3] = ["Web", "web", "Other"];
const AS_WAS: &str = "as it was";
const EDITED: &str = "edited";

/// A document, and the one that it was lifted from, if it was.
struct Lifted {
    document: Document,
    before: Option<Document>,
}

impl Lifted {
    /// Steps known by their names, lifted.
    fn up(steps: &Steps) -> Lifted {
        let old = steps
            .iter()
            .map(|(name, value)| format!("step \"{name}\" {{\n    v = \"{value}\"\n}}\n\n"));
        Lifted {
            before: Some(parse(&old.collect::<String>())),
            ..Lifted::native(steps)
        }
    }

    /// The same by somebody who has the new shape already: nothing is known of what was before.
    fn native(steps: &Steps) -> Lifted {
        let mut taken = BTreeSet::new();
        let mut text = String::new();
        for (name, value) in steps {
            let slug = name.to_lowercase();
            let mut free = slug.clone();
            let mut number = 0;
            while !taken.insert(free.clone()) {
                number += 1;
                free = format!("{slug}-{number}");
            }
            text +=
                &format!("step \"{free}\" {{\n    name = \"{name}\"\n    v = \"{value}\"\n}}\n\n");
        }
        Lifted {
            document: parse(&text),
            before: None,
        }
    }

    fn edited(&self, name: &str) -> Lifted {
        let of = format!("name = \"{name}\"\n    v = \"{AS_WAS}\"");
        let text = self.document.text();
        assert!(text.contains(&of));
        Lifted {
            document: parse(&text.replace(&of, &of.replace(AS_WAS, EDITED))),
            before: None,
        }
    }

    fn values<'a>(&'a self, identity: &'a Identity) -> Values<'a> {
        let values = Values::of(&self.document, identity);
        match &self.before {
            Some(before) => values.lifted_from(before, 3),
            None => values,
        }
    }
}

/// Every list of different names.
fn lists() -> Vec<Vec<&'static str>> {
    let mut lists = vec![vec![]];
    let mut at = 0;
    while at < lists.len() {
        for name in NAMES {
            if !lists[at].contains(&name) {
                let longer = [&lists[at][..], &[name]].concat();
                lists.push(longer);
            }
        }
        at += 1;
    }
    lists
}

fn steps(names: &[&'static str]) -> Steps {
    names.iter().map(|name| (*name, AS_WAS)).collect()
}

/// What a document says, by names.
fn by_name(document: &Document) -> BTreeMap<String, String> {
    let text = |node: ocl_migrate::ocl::Node<'_>, name: &str| {
        let value = node.get(name).unwrap();
        value.as_str().unwrap().into_owned()
    };
    let blocks = document.root().children();
    blocks
        .map(|step| (text(step, "name"), text(step, "v")))
        .collect()
}

/// What one side edited lands on the step that it edited, or is a conflict.
fn holds(
    told: &str,
    [base, ours, theirs]: [&Lifted; 3],
    names: [&[&str]; 2],
    edited: &str,
) -> bool {
    let identity = identity("deployment_process");
    let all = [base, ours, theirs].map(|it| it.values(&identity));
    let [base, ours, theirs] = all;
    let mut is_open = None;
    for [ours, theirs] in [[ours, theirs], [theirs, ours]] {
        let merged = merge(base, ours, theirs).unwrap();
        let conflicts = !merged.conflicts().is_empty();
        assert_eq!(
            is_open.replace(conflicts).unwrap_or(conflicts),
            conflicts,
            "{told}"
        );
        if conflicts {
            continue;
        }
        let result = by_name(merged.document());
        let [was, is] = names;
        assert!(
            is.contains(&edited),
            "{told}: it edited what is gone\n{result:?}"
        );
        let kept: BTreeMap<String, String> = is
            .iter()
            .map(|name| {
                let value = if *name == edited { EDITED } else { AS_WAS };
                ((*name).to_owned(), value.to_owned())
            })
            .collect();
        let blocks = merged.document().root().children().count();
        assert_eq!(blocks, is.len(), "{told}");
        assert_eq!(result, kept, "{told}: from {was:?}");
    }
    is_open.unwrap()
}

#[test]
fn an_edit_reaches_the_step_that_it_was_made_to_whoever_got_its_slug() {
    let (mut open, mut merged) = (0, 0);
    for was in lists() {
        let base = steps(&was);
        for is in lists() {
            let ours = steps(&is);
            for edited in was.clone() {
                let old_edit: Steps = base
                    .iter()
                    .map(|(name, value)| (*name, if *name == edited { EDITED } else { value }))
                    .collect();
                let new_edit = Lifted::native(&base).edited(edited);
                let told = format!("{was:?} to {is:?}, {edited} edited");
                let mut check = |how: &str, documents: [&Lifted; 3]| {
                    let told = format!("{how}: {told}");
                    if holds(&told, documents, [&was, &is], edited) {
                        open += 1;
                    } else {
                        merged += 1;
                    }
                };
                let (base_up, ours_up) = (Lifted::up(&base), Lifted::up(&ours));
                check("one side is new", [&base_up, &ours_up, &new_edit]);
                check("all are old", [&base_up, &ours_up, &Lifted::up(&old_edit)]);
                // In the new shape a step may get another name and stay the same.
                if was.iter().all(|name| is.contains(name)) {
                    let (base_new, ours_new) = (Lifted::native(&base), Lifted::native(&ours));
                    check("both sides are new", [&base_up, &ours_new, &new_edit]);
                    check("one side went back", [&base_new, &ours_up, &new_edit]);
                }
            }
        }
    }
    // Most merges are as they always were.
    assert!(open > 100 && merged > 200, "{open} {merged}");
}

#[test]
fn a_slug_that_names_another_step_is_an_identity_conflict_that_either_side_settles() {
    let identity = identity("deployment_process");
    let base = Lifted::up(&steps(&["Web"]));
    let ours = Lifted::up(&steps(&["web", "Web"]));
    let theirs = Lifted::native(&steps(&["Web"])).edited("Web");
    let [b, o, t] = [&base, &ours, &theirs].map(|it| it.values(&identity));
    let merged = merge(b, o, t).unwrap();
    let told: Vec<String> = merged.conflicts().iter().map(ToString::to_string).collect();
    let expected = [
        "identity step[\"web\"]: base step[\"web\"], ours step[\"web-1\"], theirs step[\"web\"]",
        "identity step[\"web-1\"]: base nothing, ours 2 values, theirs nothing",
    ];
    assert_eq!(told, expected);
    for (side, expected) in [
        (Side::Ours, &ours),
        (Side::Theirs, &theirs),
        (Side::Base, &base),
    ] {
        let settled = merge_settled(b, o, t, &|conflict| {
            assert_eq!(conflict.kind, ConflictKind::Identity);
            Some(side)
        });
        let settled = settled.unwrap();
        assert!(settled.conflicts().is_empty());
        assert_eq!(by_name(settled.document()), by_name(&expected.document));
    }
    // Taken to be the block that it was, it is merged there.
    for [ours, theirs] in [[o, t], [t, o]] {
        let followed = follow_renames(b, ours, theirs)
            .unwrap()
            .expect("it is followed");
        let values = followed.each_ref().map(|it| Values::of(it, &identity));
        let merged = merge(values[0], values[1], values[2]).unwrap();
        assert!(merged.conflicts().is_empty());
        let expected = [("Web", EDITED), ("web", AS_WAS)];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(by_name(merged.document()), BTreeMap::from(expected));
    }
    // Where the other side changed another step, nothing is in dispute.
    let base = Lifted::up(&steps(&["Web", "Other"]));
    let ours = Lifted::up(&steps(&["web", "Web", "Other"]));
    let theirs = Lifted::native(&steps(&["Web", "Other"])).edited("Other");
    let [b, o, t] = [&base, &ours, &theirs].map(|it| it.values(&identity));
    assert!(merge(b, o, t).unwrap().conflicts().is_empty());
}

/// Two steps of one name are told apart by their places alone, so an insert above them makes each another one.
#[test]
fn steps_of_one_name_are_not_taken_for_each_other() {
    let identity = identity("deployment_process");
    let base = Lifted::up(&steps(&["Web", "Web"]));
    let theirs = parse(&base.document.text().replacen(AS_WAS, EDITED, 1));
    let theirs = Lifted {
        document: theirs,
        before: None,
    };
    let mut more = steps(&["Web", "Web", "Web"]);
    more[0].1 = "new";
    for ours in [Lifted::up(&more), Lifted::native(&more)] {
        for [ours, theirs] in [[&ours, &theirs], [&theirs, &ours]] {
            let [b, o, t] = [&base, ours, theirs].map(|it| it.values(&identity));
            let merged = merge(b, o, t).unwrap();
            let kinds: Vec<_> = merged.conflicts().iter().map(|it| it.kind).collect();
            assert!(kinds.contains(&ConflictKind::Identity), "{kinds:?}");
        }
    }
}
