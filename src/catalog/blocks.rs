//! The blocks of a catalog's files and their attributes. The reader accepts exactly these, and the reference lists them.

/// A block of `catalog.hcl` or of a `step.hcl`, and its attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockReference {
    /// Its name; empty for a `step.hcl` itself, outside its blocks.
    pub name: &'static str,
    /// Its form: `marker { ... }`.
    pub form: &'static str,
    /// What it means, in a few sentences.
    pub summary: &'static str,
    /// In the recommended order.
    pub attributes: &'static [AttributeReference],
    /// Whole files that use it, and together all its attributes.
    pub examples: &'static [&'static str],
}

/// An attribute of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeReference {
    /// Its name.
    pub name: &'static str,
    /// The value that it takes: `a string`.
    pub value: &'static str,
    /// The value without it; `required` if it can't be left out.
    pub default: &'static str,
    /// What it means, in a sentence or two.
    pub summary: &'static str,
}

impl BlockReference {
    /// The names of its attributes.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        self.attributes.iter().map(|attribute| attribute.name)
    }
}

const fn attribute(
    name: &'static str,
    value: &'static str,
    default: &'static str,
    summary: &'static str,
) -> AttributeReference {
    AttributeReference {
        name,
        value,
        default,
        summary,
    }
}

const REQUIRED: &str = "required";

/// A `catalog.hcl` with all blocks and attributes.
const CATALOG_FILE: &str = r#"catalog "bellhop" {
  base_path        = ".bellhop"
  unknown_versions = [4, 5]
  baseline         = 1
  last_release     = "2026.4"
}

marker {
  path         = "schema_version.ocl"
  attribute    = "version"
  legacy_paths = ["version.ocl"]
}

version "2" { deprecated = "2027-01-01: the last server that writes it is gone" }

document "settings" {
  path   = "settings.ocl"
  single = ["retention", "window.pause"]
}
document "job" {
  path     = "jobs/**/*.ocl"
  defaults = "job_defaults"
}
document "job_defaults" {
  path = "job_defaults.ocl"

  contract "3" { json_schema = "contracts/job_defaults_3.json" }
  contract "7" {
    protobuf = "contracts/job_defaults_7.proto"
    message  = "bellhop.v7.JobDefaults"
    labels   = { Task = "name" }

    compatibility = "none"
  }
}

document "lists" {
  path = "lists.ocl"

  key "list.entry" {
    by         = ["host", "room"]
    as_set     = true
    value      = [label, "text"]
    precedence = ["room", "host"]
  }
}

key "**.task" {
  by          = label
  else        = "name"
  ignore_case = true
  ordered     = true
}

set "**.hosts" { ignore_case = true }

thing "setting" {
  defined_in  = "settings"
  at          = "setting"
  name        = [label, "name"]
  ignore_case = true
  built_in    = ["Building"]
  standalone  = true
  elsewhere   = true
  used_by     = ["**.task.package"]
}

thing "room" { aliases = { "the cellar" = "cellar" } }

reference "room" {
  at     = ["**.task.rooms", "**.options[\"cleaned.rooms\"]"]
  when   = parent.kind == "clean"
  split  = ","
  prefix = "room/"
}

template "octostache" {
  at        = ["**"]
  refers_to = "setting"
  scripts   = ["**.task.script"]
  indexes   = { "Hotel.Room" = "room" }
}
"#;

pub(super) const CATALOG: BlockReference = BlockReference {
    name: "catalog",
    form: "catalog \"name\" { ... }",
    summary: "Every catalog has one. The name is that of the catalog in messages and pages.",
    attributes: &[
        attribute(
            "base_path",
            "a path",
            REQUIRED,
            "The folder of a project's documents in its repository; `\"\"` is the top. Other projects are folders below it \
             with a marker of their own.",
        ),
        attribute(
            "unknown_versions",
            "a list of versions",
            "none",
            "Versions that exist, but whose changes this catalog doesn't have. Reading across one warns; writing \
             across one is refused unless it is accepted by number.",
        ),
        attribute(
            "baseline",
            "a version",
            "1",
            "The version at which this catalog begins. Those below it were [retired](how-to/retire.md): a branch or a row of the \
             store at one is refused. Of the steps up to it only imports are left.",
        ),
        attribute(
            "last_release",
            "text",
            "none",
            "What the last release is called that lifts versions below the baseline, for messages.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const MARKER: BlockReference = BlockReference {
    name: "marker",
    form: "marker { ... }",
    summary: "The file in a base path that states the version of the documents beside it. Without this block it is \
              `schema_version.ocl`, with the attribute `version`.",
    attributes: &[
        attribute("path", "a path", REQUIRED, "Its path, below the base path."),
        attribute(
            "attribute",
            "a string",
            REQUIRED,
            "The attribute that holds the version.",
        ),
        attribute(
            "legacy_paths",
            "a list of paths",
            "none",
            "Its old paths. Each has a step at the version that moved it: `rename`, with `document = \"schema_version\"`.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const VERSION: BlockReference = BlockReference {
    name: "version",
    form: "version \"N\" { ... }",
    summary: "What is to be known of a version. A version without anything to say of it needs no block.",
    attributes: &[attribute(
        "deprecated",
        "a date and a reason",
        REQUIRED,
        "That branches are to leave this version and those below it, `2027-01-01: reason`: from that day on the catalog's authors \
         may take out the steps that lift them. It is shown wherever such a version is, and changes nothing else: \
         `status --fail-on deprecated` makes it a failure.",
    )],
    examples: &[CATALOG_FILE],
};

pub(super) const DOCUMENT: BlockReference = BlockReference {
    name: "document",
    form: "document \"kind\" { ... }",
    summary: "A kind of documents, one block for each. Steps and commands use its name: letters, digits, `_` and `-`. \
              Besides its attributes it may hold `key` and `set` blocks, for its own documents.",
    attributes: &[
        attribute(
            "path",
            "a path",
            REQUIRED,
            "The path of its documents, below the base path. Without a wildcard there is one document. With `*`, which matches \
         within a folder, or `**/*`, which matches folders too, there can be many, and what the wildcard matches is a document's \
         slug. Older paths are stated by `rename` steps.",
        ),
        attribute(
            "single",
            "a list of block paths",
            "none",
            "Blocks of which a server reads only one in the same place, as paths for `in`. If a merge leaves two, they are treated \
         like a name that occurs twice: readers are warned, no step touches them, and nothing is written beside them. List a \
         block only if no document has, or had, several.",
        ),
        attribute(
            "defaults",
            "the name of a kind",
            "none",
            "The kind whose document says what documents of this kind leave out, in the same shape. It has one document, its path \
         no wildcard, and no defaults itself. Nothing is written into a document that its defaults say: `export --effective` \
         fills them in, and `compare` tells what overrides them.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const KEY: BlockReference = BlockReference {
    name: "key",
    form: "key \"path\" { ... }",
    summary: "What blocks are known by, in the newest shape, so that each value has an address that reordering doesn't change. The \
              path is a selector of names, `*` and `**` that starts at the document. It stands in a `document` block, or at the \
              top for every kind; where both are about the same blocks, that of the kind counts. Blocks without a key are known \
              by their labels. See [values and addresses](values.md).",
    attributes: &[
        attribute(
            "by",
            "`label`, a name or a list of names",
            REQUIRED,
            "What tells blocks of one type apart that stand beside each other: all their labels, or attributes of theirs.",
        ),
        attribute(
            "else",
            "a name or `parent`",
            "none",
            "For `by = label`: what takes the place of the labels where a block has none, an attribute or the labels of the block \
             that it stands in.",
        ),
        attribute(
            "as_set",
            "true or false",
            "`false`",
            "Whether lists in the key are sets: their order and repetitions mean nothing, and a single string is a set of one.",
        ),
        attribute(
            "ignore_case",
            "true or false",
            "`false`",
            "Whether keys are the same that differ in upper and lower case only.",
        ),
        attribute(
            "ordered",
            "true or false",
            "`false`",
            "Whether the order of these blocks means something. Otherwise reordering them is no difference.",
        ),
        attribute(
            "value",
            "`label`, a name or a list of them",
            "none",
            "Where a block that stands for one value holds it: the first of these that is there.",
        ),
        attribute(
            "precedence",
            "a list of names",
            "none",
            "For blocks of which one applies depending on where it is asked for: all attributes of the key, the most specific first.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const SET: BlockReference = BlockReference {
    name: "set",
    form: "set \"path\" { ... }",
    summary: "A list that is a set: the order of its items and their repetitions mean nothing. Its path is that of a `key`, and ends \
              in the list's name. The items of other lists are known by their positions.",
    attributes: &[attribute(
        "ignore_case",
        "true or false",
        "`false`",
        "Whether items are the same that differ in upper and lower case only.",
    )],
    examples: &[CATALOG_FILE],
};

pub(super) const THING: BlockReference = BlockReference {
    name: "thing",
    form: "thing \"kind\" { ... }",
    summary: "A kind of things that documents refer to by name, in the newest shape: `uses` lists who does. Without `defined_in` \
              such things live in the server, and there are those that are referred to.",
    attributes: &[
        attribute(
            "defined_in",
            "a document kind or a list of them",
            "none",
            "The documents that define such things.",
        ),
        attribute(
            "at",
            "a path",
            "the document",
            "The blocks that each define one, as a selector of names, `*` and `**`. Without it each document is a thing itself.",
        ),
        attribute(
            "name",
            "`label`, `slug`, a name or a list of them",
            "`label`; of a document `slug`",
            "Where its name stands: the first label that the block is known by, the slug of the document, or an attribute; what a block lacks is \
             its parent's, where its `key` says `else = parent`. It goes by every name that is \
             there, and is shown by the first.",
        ),
        attribute(
            "ignore_case",
            "true or false",
            "`false`",
            "Whether names are the same that differ in upper and lower case only.",
        ),
        attribute(
            "aliases",
            "an object of strings",
            "none",
            "Other names, each with the one that it stands for.",
        ),
        attribute(
            "built_in",
            "a name or a list of them",
            "none",
            "Names that the server defines itself, so that no document has to. In a template, what begins with one counts too: \
             with `Octopus`, `#{Octopus.Project.Name}` is never undefined.",
        ),
        attribute(
            "standalone",
            "true or false",
            "`false`",
            "Whether such a thing is of use even where nothing refers to it, as a runbook is. `uses --unused` lists these only \
             when `--kind` asks for them.",
        ),
        attribute(
            "elsewhere",
            "true or false",
            "`false`",
            "Whether such things may also be defined where no document shows it, as in a server's library. `check` then reports a \
             reference to one that no document defines only where it is probably misspelt: one letter tells its name from that of \
             one that a document defines.",
        ),
        attribute(
            "used_by",
            "a path or a list of them",
            "none",
            "Strings that bring in what no document holds and what may refer to such things, as the name of a package whose files \
             use variables. In a project that has one, `check` doesn't report what no document refers to.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const REFERENCE: BlockReference = BlockReference {
    name: "reference",
    form: "reference \"kind\" { ... }",
    summary: "Strings that name things of a kind, in the newest shape. A string with a template in it is a reference that is known \
              only when the server runs.",
    attributes: &[
        attribute(
            "at",
            "a path or a list of them",
            REQUIRED,
            "Where they stand: selectors of names, `*` and `**` that start at the document. `properties[\"key\"]` is an entry of a \
             dictionary. The items of a list stand where the list does, and a block's own value where the block does.",
        ),
        attribute(
            "when",
            "a condition",
            "always",
            "Whether it is a reference. `self` is what the path selects, `parent` what it stands in.",
        ),
        attribute(
            "split",
            "a string",
            "none",
            "What stands between several names in one string. Blanks at the ends of a name don't count.",
        ),
        attribute(
            "prefix",
            "a string",
            "none",
            "Only strings that begin so are references, and what follows is the name.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const TEMPLATE: BlockReference = BlockReference {
    name: "template",
    form: "template \"octostache\" { ... }",
    summary: "Strings with Octopus's substitution language in them, `#{Name}`, which names things of a kind.",
    attributes: &[
        attribute(
            "at",
            "a path or a list of them",
            REQUIRED,
            "Where such strings stand, as for `reference`. `**` is everywhere.",
        ),
        attribute(
            "refers_to",
            "a kind of things",
            REQUIRED,
            "What the names in them are names of.",
        ),
        attribute(
            "scripts",
            "a path or a list of them",
            "none",
            "Which strings are bodies of scripts: names in calls such as `$OctopusParameters[\"Name\"]` count too.",
        ),
        attribute(
            "indexes",
            "an object of strings",
            "none",
            "Names behind which an index names a thing itself, each with the kind of that: \
             `\"Octopus.Action\" = \"action\"` for `#{Octopus.Action[Deploy].Output.Url}`.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

/// It stands in a `document` block only.
pub(super) const CONTRACT: BlockReference = BlockReference {
    name: "contract",
    form: "document \"kind\" { contract \"version\" { ... } }",
    summary: "Which documents of a kind are right: `check` and `verify` hold them to it. It holds for documents in the shape of its \
              version, and of all later ones until the kind's next contract. Below its first one, a kind has none. See \
              [contracts](how-to/check.md#contracts).",
    attributes: &[
        attribute(
            "json_schema",
            "a path below `contracts/`",
            "none",
            "A JSON Schema, for a document as JSON: attributes by name, blocks as a list under their type, and a block's labels \
             under `$labels`. It refers to nothing outside of itself. A contract has either this or `protobuf`.",
        ),
        attribute(
            "protobuf",
            "a path below `contracts/`",
            "none",
            "A protobuf file with the message that a document is. What it imports lies below `contracts/`, or is one of Google's \
             own files.",
        ),
        attribute(
            "message",
            "a message's full name",
            "none",
            "The message; `protobuf` needs it.",
        ),
        attribute(
            "labels",
            "an object of names or lists of them",
            "none",
            "For `protobuf`: messages, each with the fields that the labels of such a block are. A name is full, or within the \
             package of `message`.",
        ),
        attribute(
            "compatibility",
            "`none`, `backward`, `forward`, `full`, or one of the last three with `_transitive`",
            "`none`",
            "What it promises to readers that run no steps: that its readers understand what the contract before allows (`backward`), \
             the other way round (`forward`), or both; transitively, of every contract before. `verify` holds it to that.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(super) const STEP: BlockReference = BlockReference {
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
             before this step.",
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
            "Whether the step overwrites values without reading them on purpose. Otherwise each of them is reported as a loss.",
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

pub(super) const IMPORT: BlockReference = BlockReference {
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

pub(super) const MODIFY: BlockReference = BlockReference {
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

pub(super) const REMOVE: BlockReference = BlockReference {
    name: "remove",
    form: "remove {}",
    summary: "Removes every document of the kind.",
    attributes: &[],
    examples: &[r#"description = "Jobs are gone"
document    = "job"

remove {}
"#],
};

pub(super) const RENAME: BlockReference = BlockReference {
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

pub(super) const DIALECT: BlockReference = BlockReference {
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
pub(super) const ACTIONS: [BlockReference; 5] = [IMPORT, MODIFY, REMOVE, RENAME, DIALECT];

pub(super) const DOWN: BlockReference = BlockReference {
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

pub(super) const DOWN_OF_REMOVE: BlockReference = BlockReference {
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

/// The blocks of `catalog.hcl`.
pub(super) const OF_CATALOG: [BlockReference; 9] = [
    CATALOG, MARKER, VERSION, DOCUMENT, KEY, SET, THING, REFERENCE, TEMPLATE,
];

/// The blocks of a `step.hcl`.
pub(super) const OF_STEP: [BlockReference; 8] = [
    STEP,
    IMPORT,
    MODIFY,
    REMOVE,
    RENAME,
    DIALECT,
    DOWN,
    DOWN_OF_REMOVE,
];
