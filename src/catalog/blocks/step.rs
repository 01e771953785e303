//! The blocks of a `step.hcl`.

use super::block::{BlockReference, REQUIRED, attribute};

pub(in crate::catalog) const STEP: BlockReference = BlockReference {
    name: "",
    form: "step.hcl",
    summary: "The attributes of a step. Its version and name come from its folder: `0010_runbook_retention` is \
              version 10. Besides these attributes a step has one body, which says what it does, and may have a `down`.",
    attributes: &[
        attribute(
            "description",
            "a string",
            REQUIRED,
            "What the step changes, for users: plans and previews show it.",
        ),
        attribute(
            "document",
            "a kind",
            REQUIRED,
            "The kind that the step changes. `\"*\"` is every kind, for `dialect`; `\"schema_version\"` is the marker, for `rename`.",
        ),
        attribute(
            "reads",
            "a list of kinds",
            "none",
            "Other kinds whose documents the step may read: in expressions as `documents`, as they are just \
             before this step. Steps of one version run in the order of their names, so what one of them makes is what \
             the next reads.",
        ),
        attribute(
            "reads_any_shape",
            "true or false",
            "`false`",
            "Whether the documents that it `reads` may be in the shape of a later version, as imported ones can be. Otherwise that is an error.",
        ),
        attribute(
            "overwrites",
            "true or false",
            "`false`",
            "Whether the step overwrites values without reading them on purpose, or removes them with others that it writes elsewhere. Otherwise each that is overwritten is reported as a loss, and each that is removed so is a warning, of `verify` and wherever a document is read.",
        ),
        attribute(
            "idempotent",
            "true or false",
            "`true`",
            "Whether a second run leaves the result of the first unchanged, which `verify` tests. `false` needs a `reason`.",
        ),
        attribute(
            "reason",
            "a string",
            "none",
            "Why the step isn't idempotent.",
        ),
        attribute(
            "one_way",
            "a string",
            "none",
            "Why the step can't be undone, for users who try. Without it and without `down`, the reverse is derived from the step if possible.",
        ),
    ],
    examples: &[
        r#"description     = "A job's retries are counted in the settings' unit"
document        = "job"
reads           = ["settings"]
reads_any_shape = true
overwrites      = true
idempotent      = false
reason          = "retries are multiplied"
one_way         = "the rounded retries are not kept"

modify {
  convert = { retries = value * documents.settings.unit }
}
"#,
    ],
};

pub(in crate::catalog) const IMPORT: BlockReference = BlockReference {
    name: "import",
    form: "import { ... }",
    summary: "From this version on the documents are in Git. Those in the server's database are imported.",
    attributes: &[
        attribute(
            "on_existing",
            "`\"refuse\"` or `\"keep\"`",
            "`\"refuse\"`",
            "What happens if Git and the database have the same document: an error that names both, or the one in Git is kept.",
        ),
        attribute(
            "effect",
            "a name",
            "none",
            "What the server's code does once, in the commit that first persists the import: [an effect](how-to/import-effects.md). A \
             program without an effect of the name commits nothing that would run it.",
        ),
    ],
    examples: &[r#"description = "Jobs are in Git"
document    = "job"

import {
  on_existing = "keep"
  effect      = "update_references"
}
"#],
};

pub(in crate::catalog) const MODIFY: BlockReference = BlockReference {
    name: "modify",
    form: "modify { ... }",
    summary: "Changes documents, by the operations of [the step language](step-language.md).",
    attributes: &[],
    examples: &[r#"description = "A timeout has its unit"
document    = "job"

modify {
  convert = { timeout = "${value}s" }
}
"#],
};

pub(in crate::catalog) const REMOVE: BlockReference = BlockReference {
    name: "remove",
    form: "remove {}",
    summary: "Removes every document of the kind.",
    attributes: &[],
    examples: &[r#"description = "Jobs are gone"
document    = "job"

remove {}
"#],
};

pub(in crate::catalog) const RENAME: BlockReference = BlockReference {
    name: "rename",
    form: "rename { ... }",
    summary: "From this version on the documents have another path: the `from` of the next `rename` of the kind, after the last one \
              the path in `catalog.hcl`.",
    attributes: &[attribute(
        "from",
        "a path",
        REQUIRED,
        "The old path. It has a wildcard if the kind's path has one.",
    )],
    examples: &[
        r#"description = "Jobs have a folder"
document    = "job"

rename {
  from = "job-*.ocl"
}
"#,
        r#"description = "The marker is called schema_version.ocl"
document    = "schema_version"

rename {
  from = "version.ocl"
}
"#,
    ],
};

pub(in crate::catalog) const DIALECT: BlockReference = BlockReference {
    name: "dialect",
    form: "dialect {}",
    summary: "From this version on, the indentation of a `<<-` heredoc's end tag counts when the lines are unindented. Heredocs whose text \
              would change by that are indented anew. A catalog has at most one such step, for every kind; without one, all \
              versions are in the newer dialect.",
    attributes: &[],
    examples: &[r#"description = "The end tag of a heredoc counts"
document    = "*"

dialect {}
"#],
};

/// The bodies that a step may have.
pub(in crate::catalog) const ACTIONS: [BlockReference; 5] =
    [IMPORT, MODIFY, REMOVE, RENAME, DIALECT];

pub(in crate::catalog) const DOWN: BlockReference = BlockReference {
    name: "down",
    form: "modify { ... } down { ... }",
    summary: "How the step is undone, by the same operations. An empty `down` says that there is nothing to undo.",
    attributes: &[],
    examples: &[r#"description = "A timeout has its unit"
document    = "job"

modify {
  convert = { timeout = "${value}s" }
}

down {
  convert = { timeout = tonumber(trimsuffix(value, "s")) }
}
"#],
};

pub(in crate::catalog) const DOWN_OF_REMOVE: BlockReference = BlockReference {
    name: "down",
    form: "remove {} down { ... }",
    summary: "The source from which the documents come back: one of the two attributes.",
    attributes: &[
        attribute(
            "from",
            "`\"history\"`",
            "none",
            "They come back as they last were on the branch before the step's version.",
        ),
        attribute(
            "content",
            "a text",
            "none",
            "The text of the kind's only document, in the shape of the version below.",
        ),
    ],
    examples: &[
        r#"description = "Jobs are gone"
document    = "job"

remove {}

down {
  from = "history"
}
"#,
        r#"description = "The settings are gone"
document    = "settings"

remove {}

down {
  content = <<-EOT
    unit = 1
  EOT
}
"#,
    ],
};

/// The blocks of a `step.hcl`.
pub(in crate::catalog) const OF_STEP: [BlockReference; 8] = [
    STEP,
    IMPORT,
    MODIFY,
    REMOVE,
    RENAME,
    DIALECT,
    DOWN,
    DOWN_OF_REMOVE,
];
