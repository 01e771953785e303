//! The shipped catalog: every version to the latest, and whatever else `verify` looks at.

use std::path::Path;

use ocl_migrate::catalog::Catalog;
use ocl_migrate::verify::{Finding, Verification};

fn with_verification<T>(then: impl FnOnce(Verification<'_>) -> T) -> T {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let catalog = Catalog::load(&root.join("steps")).unwrap_or_else(|error| panic!("{error}"));
    let verification = Verification::of(&catalog).folder(root.join("steps"));
    then(verification.unwrap_or_else(|error| panic!("{error}")))
}

fn to_latest(from: u32) {
    let findings = with_verification(|verification| verification.to_latest(from));
    let told: Vec<String> = findings.iter().map(Finding::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

/// Invariant 6, a test for each version: a project at it, migrated to the latest, equals the latest snapshot.
macro_rules! invariant_6 {
    ($($name:ident: $version:literal,)*) => {
        $(
            #[test]
            fn $name() {
                to_latest($version);
            }
        )*

        #[test]
        fn every_version_has_its_test() {
            let versions: Vec<u32> = with_verification(|verification| verification.versions().collect());
            assert_eq!(versions[..], [$($version),*][1..]);
        }
    };
}

invariant_6! {
    invariant_6_from_nothing_to_the_latest: 0,
    invariant_6_from_1_to_the_latest: 1,
    invariant_6_from_2_to_the_latest: 2,
    invariant_6_from_3_to_the_latest: 3,
    invariant_6_from_4_to_the_latest: 4,
    invariant_6_from_5_to_the_latest: 5,
    invariant_6_from_6_to_the_latest: 6,
    invariant_6_from_7_to_the_latest: 7,
    invariant_6_from_8_to_the_latest: 8,
    invariant_6_from_9_to_the_latest: 9,
    invariant_6_from_10_to_the_latest: 10,
    invariant_6_from_11_to_the_latest: 11,
    invariant_6_from_12_to_the_latest: 12,
    invariant_6_from_13_to_the_latest: 13,
    invariant_6_from_14_onto_itself: 14,
}

#[test]
fn invariant_6_the_shipped_catalog_is_sound() {
    with_verification(|verification| verification.run().assert_sound());
}

/// The project of the snapshots holds what is easy to spoil.
#[test]
fn the_snapshots_hold_both_kinds_of_heredoc_and_both_line_ends() {
    let latest = Path::new(env!("CARGO_MANIFEST_DIR")).join("snapshots/v14");
    let files = ocl_migrate::verify::Files::read(&latest).unwrap_or_else(|error| panic!("{error}"));
    let any = |part: &str| {
        files
            .iter()
            .any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(part))
    };
    for part in ["<<EOT", "<<-EOT", "\r\n", "}\n", "${", "%{", "#{"] {
        assert!(any(part), "{part:?}");
    }
    assert!(
        files
            .iter()
            .filter(|(path, _)| path.starts_with("runbooks/"))
            .count()
            > 1
    );
}
