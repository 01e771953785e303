//! A project gets another tenant or another name.

use ocl_migrate::store::{Error, Inspect, Intent, ProjectKey, Scope};
use serde_json::json;

use super::{TIME, buzzes, filled, fizz, project};
use crate::support::scratch;

#[test]
fn a_project_in_a_file_is_renamed_with_all_it_has() {
    let directory = scratch::folder();
    check(&ocl_migrate::store::SqliteStore::with_options(
        directory.path().join("state.db"),
        super::quick(),
    ));
}

/// Whatever the database.
pub fn check(store: &dyn Inspect) {
    let from = ProjectKey::of_tenant("a", "p");
    let to = ProjectKey::of_tenant("b", "q");
    let lookups = |tenant: &str, value: &str| {
        let scope = Scope::Tenant(tenant.to_owned());
        store
            .put_lookup(&scope, "t", "tenants", &json!(value))
            .unwrap();
    };
    let other = ProjectKey::of_tenant("b", "p");
    for key in [&from, &other] {
        store.init(key).unwrap();
    }
    lookups("a", "of a");
    lookups("b", "of b");
    store.put_documents(&from, &[fizz()]).unwrap();
    store.put_documents(&from, &buzzes()).unwrap();
    let scope = Scope::Project(from.clone());
    store.put_lookup(&scope, "t", "own", &json!(1)).unwrap();
    let intent = Intent {
        ref_name: "refs/heads/main".to_owned(),
        old: None,
        new: "a".repeat(40),
        target: 3,
        created: TIME,
        imports: Vec::new(),
    };
    let mut write = store.write(&from).unwrap();
    write.take("buzz", 3, &buzzes(), TIME).unwrap();
    let id = write.put_intent(&intent).unwrap();
    write.raise_version(3).unwrap();
    write.commit().unwrap();

    // A name that is taken, even its own, changes nothing.
    for taken in [&other, &from] {
        let error = store.rename(&from, taken).unwrap_err();
        assert!(
            matches!(&error, Error::ProjectExists { project } if project == taken),
            "{error:?}"
        );
    }
    let error = store.rename(&to, &from).unwrap_err();
    assert!(matches!(error, Error::UnknownProject { .. }), "{error:?}");
    let error = store.rename(&from, &ProjectKey::new("")).unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    assert_eq!(store.read(&from).unwrap().version().unwrap(), Some(3));

    store.rename(&from, &to).unwrap();
    assert_eq!(store.read(&from).unwrap().version().unwrap(), None);
    assert_eq!(store.read(&from).unwrap().all_documents().unwrap(), []);
    let mut read = store.read(&to).unwrap();
    assert_eq!(read.version().unwrap(), Some(3));
    assert_eq!(read.all_documents().unwrap(), [fizz()]);
    assert_eq!(read.snapshots("buzz", 3).unwrap(), Some(buzzes()));
    assert_eq!(read.intents().unwrap(), [(id, intent)]);
    assert_eq!(read.lookup("t", "own").unwrap(), Some(json!(1)));
    assert_eq!(read.lookup("t", "tenants").unwrap(), Some(json!("of b")));
    drop(read);
    let projects = store.projects().unwrap().into_iter();
    let projects: Vec<ProjectKey> = projects.map(|it| it.project).collect();
    assert_eq!(projects, [other, to.clone()]);
    // A tenant that nobody knew, and the name that is free again.
    store.rename(&to, &ProjectKey::of_tenant("c", "q")).unwrap();
    assert!(store.init(&from).unwrap());
    assert_eq!(store.tenants().unwrap(), ["a", "b", "c"]);
}

/// Who renames waits for who writes, and is told if it takes too long.
#[test]
fn a_writer_is_waited_for() {
    let (_directory, store) = filled();
    use ocl_migrate::store::Store as _;
    let held = store.write(&project()).unwrap();
    let error = store.rename(&project(), &ProjectKey::new("x")).unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error:?}");
    drop(held);
    store.rename(&project(), &ProjectKey::new("x")).unwrap();
}
