//! What a version of the tables is, and which versions there are: the same in every database.

/// One released version of the tables, in one dialect.
#[derive(Debug)]
pub(in crate::store) struct Schema {
    /// Positive, without gaps.
    pub(in crate::store) version: u32,
    /// Programs that know this version may read these tables.
    pub(in crate::store) readable_by: u32,
    /// Makes all of it from nothing.
    pub(in crate::store) whole: &'static str,
    /// Makes it from the version before, one statement each; the first has none.
    pub(in crate::store) upgrade: &'static [&'static str],
}

/// The statements of a text, without its comments. None of them has a semicolon, or two hyphens, within a text of its own.
pub(in crate::store) fn statements(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split("--").next());
    let code: Vec<&str> = lines
        .map(|line| line.unwrap_or_default().trim_end())
        .collect();
    let code = code.join("\n");
    let statements = code.split(';').map(str::trim);
    let statements = statements.filter(|statement| !statement.is_empty());
    statements.map(str::to_owned).collect()
}

/// The versions of a dialect's tables, by the files beside the one that says this; and what the next release may bring, a column
/// more that readers of today need not know, to new tables and to those of today.
macro_rules! versions {
    (next: $column:literal, upgrade: $upgrade:literal $(,)?) => {
        const V1: Schema = Schema {
            version: 1,
            readable_by: 1,
            whole: include_str!("schema_v1.sql"),
            upgrade: &[],
        };

        const V2: Schema = Schema {
            version: 2,
            readable_by: 1,
            whole: concat!(include_str!("schema_v1.sql"), include_str!("schema_v2.sql")),
            upgrade: &[include_str!("schema_v2.sql")],
        };

        /// Every released version, oldest first.
        pub(super) const SCHEMAS: &[Schema] = &[V1, V2];

        /// The same of the next release. For tests.
        #[cfg(feature = "fault-injection")]
        pub(super) const NEXT: &[Schema] = &[
            V1,
            V2,
            Schema {
                version: 3,
                readable_by: 1,
                whole: concat!(
                    include_str!("schema_v1.sql"),
                    include_str!("schema_v2.sql"),
                    $column
                ),
                upgrade: &[$upgrade],
            },
        ];
    };
}

pub(in crate::store) use versions;
