//! The blocks of `catalog.hcl` that say what refers to what.

use super::block::{BlockReference, REQUIRED, attribute};
use super::example::CATALOG_FILE;

pub(in crate::catalog) const THING: BlockReference = BlockReference {
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
            "Names that the server defines itself, so that no document has to; needs `defined_in`. In a template, what begins with one counts \
             too: with `Octopus`, `#{Octopus.Project.Name}` is never undefined.",
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

pub(in crate::catalog) const REFERENCE: BlockReference = BlockReference {
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
            "Only strings that begin so are references, and what follows is the name. With `split`, each name begins so.",
        ),
    ],
    examples: &[CATALOG_FILE],
};

pub(in crate::catalog) const TEMPLATE: BlockReference = BlockReference {
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
