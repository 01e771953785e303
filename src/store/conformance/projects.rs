//! Projects, their versions, and lookups.

use serde_json::json;

use super::law::{Law, Outcome, filled, project, refused, same};
use crate::store::error::Error;
use crate::store::model::{LookupEntry, ProjectKey, ProjectVersion, Row, Scope};
use crate::store::traits::Store;

pub(super) const LAWS: &[Law] = &[
    Law {
        says: "only `init` makes a project known",
        check: only_init_makes_known,
    },
    Law {
        says: "projects of one name belong to their tenants",
        check: tenants_are_apart,
    },
    Law {
        says: "a version never falls",
        check: versions_never_fall,
    },
    Law {
        says: "a project's lookup hides its tenant's",
        check: lookups,
    },
    Law {
        says: "entries of lookups are put all or none",
        check: lookups_at_once,
    },
    Law {
        says: "names that can't be are refused",
        check: names,
    },
];

fn only_init_makes_known(store: &dyn Store) -> Outcome {
    let other = ProjectKey::new("other");
    same("init", store.init(&other)?, true)?;
    let project = project();
    same("version", store.read(&project)?.version()?, None)?;
    same("rows", store.read(&project)?.all_documents()?, vec![])?;
    same(
        "snapshots",
        store.read(&project)?.snapshots("fizz", 3)?,
        None,
    )?;
    same("intents", store.read(&project)?.intents()?, vec![])?;
    let row = Row::new("fizz", "", "", 1);
    let scope = Scope::Project(project.clone());
    refused!("write", store.write(&project), Error::UnknownProject { .. });
    refused!(
        "put_documents",
        store.put_documents(&project, &[row]),
        Error::UnknownProject { .. }
    );
    refused!(
        "put_lookup",
        store.put_lookup(&scope, "table", "key", &json!(1)),
        Error::UnknownProject { .. }
    );
    same("still unknown", store.read(&project)?.version()?, None)?;
    same("first init", store.init(&project)?, true)?;
    same("second init", store.init(&project)?, false)?;
    same("version", store.read(&project)?.version()?, Some(0))
}

fn tenants_are_apart(store: &dyn Store) -> Outcome {
    let ours = filled(store)?;
    let theirs = ProjectKey::of_tenant("b", ours.name.as_str());
    same("init of another tenant's", store.init(&theirs)?, true)?;
    let mut write = store.write(&theirs)?;
    write.raise_version(7)?;
    write.commit()?;
    same("their rows", store.read(&theirs)?.all_documents()?, vec![])?;
    let listed = vec![(ours, 0), (theirs, 7)];
    let listed = listed
        .into_iter()
        .map(|(project, version)| ProjectVersion { project, version })
        .collect();
    same("projects", store.projects()?, listed)
}

fn versions_never_fall(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    for (raised_to, expected) in [(3, 3), (2, 3), (0, 3), (u32::MAX, u32::MAX), (4, u32::MAX)] {
        let mut write = store.write(&project)?;
        same("raise_version", write.raise_version(raised_to)?, expected)?;
        same("seen within", write.version()?, Some(expected))?;
        write.commit()?;
        same(
            "seen after",
            store.read(&project)?.version()?,
            Some(expected),
        )?;
    }
    Ok(())
}

fn lookups(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let neighbour = ProjectKey::new("neighbour");
    let stranger = ProjectKey::of_tenant("stranger", "x");
    store.init(&neighbour)?;
    store.init(&stranger)?;
    let own = Scope::Project(project.clone());
    let tenant = Scope::Tenant(project.tenant.clone());
    let exact = serde_json::from_str("12345678901234567890.10").unwrap_or_default();
    store.put_lookup(&tenant, "names", "x", &exact)?;
    same(
        "of the tenant",
        store.read(&project)?.lookup("names", "x")?,
        Some(exact),
    )?;
    store.put_lookup(&own, "names", "x", &json!({"b": null, "a": [true]}))?;
    store.put_lookup(&own, "names", "x", &json!(null))?;
    let mut read = store.read(&project)?;
    same(
        "its own, replaced",
        read.lookup("names", "x")?,
        Some(json!(null)),
    )?;
    same("another key", read.lookup("names", "y")?, None)?;
    same("another table", read.lookup("other", "x")?, None)?;
    drop(read);
    let of_stranger = store.read(&stranger)?.lookup("names", "x")?;
    same("of another tenant's project", of_stranger, None)?;
    store.put_lookup(&tenant, "names", "x", &json!("shared"))?;
    let of_neighbour = store.read(&neighbour)?.lookup("names", "x")?;
    same("of the neighbour", of_neighbour, Some(json!("shared")))?;
    same("removed", store.remove_lookup(&own, "names", "x")?, true)?;
    same(
        "removed twice",
        store.remove_lookup(&own, "names", "x")?,
        false,
    )?;
    let shown_again = store.read(&project)?.lookup("names", "x")?;
    same(
        "the tenant's shows again",
        shown_again,
        Some(json!("shared")),
    )
}

fn lookups_at_once(store: &dyn Store) -> Outcome {
    let project = filled(store)?;
    let entry = |key: &str, value| LookupEntry {
        table: "names".to_owned(),
        key: key.to_owned(),
        value,
    };
    for scope in [
        Scope::Tenant(project.tenant.clone()),
        Scope::Project(project.clone()),
    ] {
        let of = |key: &str| store.read(&project)?.lookup("names", key);
        let before = of("x")?;
        let twice = [entry("x", json!(1)), entry("x", json!(1))];
        let bad = [entry("x", json!(1)), entry("a\nb", json!(2))];
        for entries in [&twice, &bad] {
            let put = store.put_lookups(&scope, entries);
            refused!("put_lookups", put, Error::Invalid { .. });
            same("untouched", of("x")?, before.clone())?;
        }
        let own = json!(scope.to_string());
        let entries = [entry("x", own.clone()), entry("y", json!([2]))];
        store.put_lookups(&scope, &entries)?;
        store.put_lookups(&scope, &entries[..1])?;
        store.put_lookups(&scope, &[])?;
        same("the first", of("x")?, Some(own))?;
        same("the second", of("y")?, Some(json!([2])))?;
    }
    let unknown = Scope::Project(ProjectKey::new("unknown"));
    let put = store.put_lookups(&unknown, &[entry("x", json!(1))]);
    refused!("put_lookups", put, Error::UnknownProject { .. });
    Ok(())
}

fn names(store: &dyn Store) -> Outcome {
    for name in ["", "a\0b", "a\nb", "a\u{7f}", "a\u{85}", &"x".repeat(5000)] {
        let refused = store.init(&ProjectKey::new(name));
        refused!("a project's name", refused, Error::Invalid { .. });
    }
    let tenant = ProjectKey::of_tenant("\t", "x");
    refused!(
        "a tenant's name",
        store.init(&tenant),
        Error::Invalid { .. }
    );
    store.init(&ProjectKey::of_tenant(
        "t \u{fc}",
        ".octopus/w\u{e4}b [x]*?",
    ))?;
    same("accepted", store.projects()?.len(), 1)
}
