//! The blocks of a catalog's files and the step language, for documentation that can't go stale.

pub use super::blocks::{AttributeReference, BlockReference};
use super::blocks::{CONTRACT, OF_CATALOG, OF_STEP};
use super::expression::FUNCTIONS;
pub use super::modify::OPERATIONS;

/// A function of the step language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionReference {
    /// How it is called: `replace(text, search, replacement)`.
    pub signature: &'static str,
    /// Its result, in a sentence.
    pub summary: &'static str,
    /// An expression that calls it.
    pub example: &'static str,
    /// The result of the example, as JSON.
    pub result: &'static str,
}

/// An operation of the step language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperationReference {
    /// Its name.
    pub name: &'static str,
    /// Its form: `rename = { old = "new" }`.
    pub form: &'static str,
    /// What it does, in a sentence or two.
    pub summary: &'static str,
    /// The body of a `modify` block that uses it.
    pub example: &'static str,
    /// A document before it.
    pub before: &'static str,
    /// The document after it; for `reject`, the message.
    pub after: &'static str,
}

/// The blocks of `catalog.hcl`.
///
/// ```
/// use ocl_migrate::catalog::reference::blocks_of_catalog;
///
/// assert!(blocks_of_catalog().any(|block| block.name == "marker"));
/// ```
pub fn blocks_of_catalog() -> impl Iterator<Item = BlockReference> {
    OF_CATALOG.into_iter().chain([CONTRACT])
}

/// The blocks of a `step.hcl`: first its attributes outside of blocks. `down` comes twice, since it has other
/// attributes beside `remove` than beside `modify`.
///
/// ```
/// use ocl_migrate::catalog::reference::blocks_of_step;
///
/// let step = blocks_of_step().next().unwrap();
/// assert!(step.attributes.iter().any(|attribute| attribute.name == "overwrites"));
/// ```
pub fn blocks_of_step() -> impl Iterator<Item = BlockReference> {
    OF_STEP.into_iter()
}

/// Every operation, in the order of [`OPERATIONS`].
///
/// ```
/// use ocl_migrate::catalog::reference::{OPERATIONS, operations};
///
/// assert!(operations().map(|operation| operation.name).eq(OPERATIONS));
/// ```
pub fn operations() -> impl Iterator<Item = OperationReference> {
    OPERATION_REFERENCE.into_iter()
}

const OPERATION_REFERENCE: [OperationReference; OPERATIONS.len()] = [
    OperationReference {
        name: "set",
        form: "set = { name = expression }",
        summary: "Writes attributes, or entries of a dictionary: replaces those that exist, and adds others at their position in the order. An \
                  expression that results in an object stands for its entries. A value that it overwrites without reading is lost, \
                  unless `when` states the old value.",
        example: "in \"retention\" {\n  when = self.unit == \"Items\"\n  set  = { unit = \"Runs\" }\n}",
        before: "retention {\n    keep = 5\n    unit = \"Items\"\n}\n",
        after: "retention {\n    keep = 5\n    unit = \"Runs\"\n}\n",
    },
    OperationReference {
        name: "default",
        form: "default = { name = expression }",
        summary: "Writes what is absent. Existing values are kept, and their expressions aren't evaluated.",
        example: "default = { priority = 3 }",
        before: "name = \"a\"\n",
        after: "name = \"a\"\npriority = 3\n",
    },
    OperationReference {
        name: "rename",
        form: "rename = { old = \"new\" }",
        summary: "Gives attributes, entries or child blocks another name. If something has that name already, the document is \
                  refused.",
        example: "rename = { colour = \"color\" }",
        before: "colour = \"red\"\n",
        after: "color = \"red\"\n",
    },
    OperationReference {
        name: "remove",
        form: "remove = [\"name\"]",
        summary: "Removes attributes, entries or child blocks by name. `remove = true` removes the selected node itself. The \
                  comments right above go along. Of a node whose values the step has written elsewhere, `verify` and what reads a document name \
                  those that nothing has read.",
        example: "remove = [\"legacy\"]\nin \"step\" {\n  when   = self.disabled == true\n  remove = true\n}",
        before: "legacy = true\nname = \"a\"\n\nstep \"one\" {\n    disabled = true\n}\n\nstep \"two\" {\n}\n",
        after: "name = \"a\"\n\nstep \"two\" {\n}\n",
    },
    OperationReference {
        name: "convert",
        form: "convert = { name = expression over value }",
        summary: "Rewrites existing attributes, each by an expression in which `value` is the old value.",
        example: "convert = { timeout = \"${value}s\" }",
        before: "timeout = 30\n",
        after: "timeout = \"30s\"\n",
    },
    OperationReference {
        name: "label",
        form: "label = expression over value",
        summary: "Rewrites a block's first label, or gives it one. Null removes the label. Blocks beside each other that had different \
                  labels can't get the same ones, unless `key` in `catalog.hcl` says that something else tells them apart.",
        example: "in \"step\" {\n  label = unique(slugify(value))\n}",
        before: "step \"Build It\" {\n}\n\nstep \"build it\" {\n}\n",
        after: "step \"build-it\" {\n}\n\nstep \"build-it-1\" {\n}\n",
    },
    OperationReference {
        name: "move",
        form: "move = { name = \"block.new_name\" }",
        summary: "Moves attributes, entries or child blocks to another node: down into the one that the path selects, or up with \
                  `parent.`.",
        example: "move = { keep = \"retention.quantity\" }",
        before: "keep = 5\n\nretention {\n    unit = \"Items\"\n}\n",
        after: "retention {\n    quantity = 5\n    unit = \"Items\"\n}\n",
    },
    OperationReference {
        name: "insert",
        form: "insert = { block_type = { attribute = value } }",
        summary: "Adds blocks at the end, by type. Each is an object in the plain view, with labels under `\"$labels\"`; a list stands \
                  for several blocks. In it a list of dictionaries becomes blocks as well: an attribute of the document that holds one is \
                  refused, and `move` or `rename` take it along. A label that a block beside it has is refused, as for `label`.",
        example: "insert = { step = { \"$labels\" = [\"notify\"], kind = \"mail\" } }",
        before: "name = \"a\"\n",
        after: "name = \"a\"\n\nstep \"notify\" {\n    kind = \"mail\"\n}\n",
    },
    OperationReference {
        name: "reject",
        form: "reject = \"message\"",
        summary: "Refuses a document that the catalog can't migrate, with a message.",
        example: "in \"step\" {\n  when   = self.kind == \"plugin\"\n  reject = \"plugins can't be migrated: replace it with a mail step\"\n}",
        before: "step \"one\" {\n    kind = \"plugin\"\n}\n",
        after: "plugins can't be migrated: replace it with a mail step",
    },
];

/// Every function, in alphabetical order.
///
/// ```
/// use ocl_migrate::catalog::reference::functions;
///
/// assert!(functions().any(|function| function.signature == "unique(text)"));
/// ```
pub fn functions() -> impl Iterator<Item = FunctionReference> {
    FUNCTIONS.iter().map(|function| FunctionReference {
        signature: function.signature,
        summary: function.summary,
        example: function.example.0,
        result: function.example.1,
    })
}
