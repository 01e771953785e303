//! The blocks of `catalog.hcl`.

use super::block::{BlockReference, REQUIRED, attribute};
use super::example::CATALOG_FILE;
use super::things::{REFERENCE, TEMPLATE, THING};

pub(in crate::catalog) const CATALOG: BlockReference = BlockReference {
    name: "catalog",
    form: "catalog \"name\" { ... }",
    summary: "Every catalog has one. The name is that of the catalog in messages and pages.",
    attributes: &[
        attribute(
            "base_path",
            "a path",
            REQUIRED,
            "The folder of a project's documents in its repository; `\"\"` is the top, \
             which options and messages call `.`, and the store too. Other projects are folders below it \
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

pub(in crate::catalog) const MARKER: BlockReference = BlockReference {
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
            "Its old paths. The version that moved it has a step: `rename`, with `document = \"schema_version\"`. From a path without one the marker moves with the next commit, at any version.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(in crate::catalog) const VERSION: BlockReference = BlockReference {
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

pub(in crate::catalog) const DOCUMENT: BlockReference = BlockReference {
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
            "Blocks of which a server reads only one in the same place, as paths for `in`. If a merge leaves two, or one beside an attribute of its name, they are treated \
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

pub(in crate::catalog) const KEY: BlockReference = BlockReference {
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

pub(in crate::catalog) const SET: BlockReference = BlockReference {
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

/// It stands in a `document` block only.
pub(in crate::catalog) const CONTRACT: BlockReference = BlockReference {
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

/// The blocks of `catalog.hcl`.
pub(in crate::catalog) const OF_CATALOG: [BlockReference; 9] = [
    CATALOG, MARKER, VERSION, DOCUMENT, KEY, SET, THING, REFERENCE, TEMPLATE,
];
